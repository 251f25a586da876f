import ArgumentParser
import Boltzmann
import Kernels
import Reporting
import Runs
import TensorFiles

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Train systems with several seeds, and compare their figures with published ones.",
    discussion: """
      Every training is a run folder SYSTEM-RECIPE-SEED in --output, where benchmark.csv has a row \
      for each seed and budget. The same command goes on where it was stopped. Prints Markdown.
      """)

  @Argument(help: "Systems: names such as AL3, or folders with system.yaml.")
  var names: [String]

  @Option(
    help: ArgumentHelp(
      "recipes/NAME.yaml of each system; its own settings by default.", valueName: "name"))
  var recipe: String?

  @Option(help: "How many seeds, from 1.")
  var seeds: UInt64 = 3

  @Flag(
    help: """
      Also put the flows of all seeds together into one model, a mixture, and evaluate that: \
      SYSTEM-RECIPE-mixture-SEEDS.safetensors in --output.
      """)
  var mixture = false

  @Option(help: "Proposals of the larger budget; the other is 10000.")
  var proposals = 200_000

  @Option(
    help: ArgumentHelp(
      "A folder with SYSTEM_test.nc to compare with; the runs' references by default.",
      valueName: "folder"))
  var tests: String?

  @Option(help: ArgumentHelp("One setting over those of the recipe.", valueName: "key=value"))
  var set: [String] = []

  @Option(help: "The folder of all runs.")
  var output = "runs/benchmark"

  @OptionGroup var limit: TimeLimit
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if names.isEmpty { throw ValidationError("name a system, such as AL3") }
    if !(1...1_000).contains(seeds) {
      throw ValidationError("--seeds is \(seeds), expected 1 to 1000")
    }
    if mixture, seeds == 1 { throw ValidationError("--mixture needs two --seeds at least") }
    try check("--proposals", proposals, .proposals)
  }

  func run() throws {
    let interruption = Interruption()
    let context = shared.context(stopReason: limit.stopReason(interruption))
    let kernel = try loadBLAS()
    let again = "benchmark \(names.joined(separator: " ")), with the same options"
    let benchmark = Benchmark(
      recipe: recipe, seeds: 1...seeds, proposals: proposals, folder: output, tests: tests,
      mixes: mixture, onEvaluation: { interruption.endAtOnce(resumingBy: $0 ? again : nil) })
    let layers = try set.map { try ConfigurationLayer(setting: $0, source: "--set \($0)") }
    let molecules = try names.map { try MolecularSystem(folder: try systems.find($0)) }
    for molecule in molecules { try benchmark.check(molecule, layers: layers) }
    try createFolder(output)
    let figures = try resumable(by: { _ in again }) {
      try molecules.map {
        try benchmark.figures(of: $0, layers: layers, kernel: kernel, context: context)
      }
    }
    try writeText(
      csvText(columns: BenchmarkFigures.columns, rows: figures.flatMap(\.rows)),
      path: "\(output)/benchmark.csv")
    try printResult(figures.map(\.markdown).joined(separator: "\n"))
  }
}
