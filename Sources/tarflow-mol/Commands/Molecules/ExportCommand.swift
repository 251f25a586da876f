import ArgumentParser
import Boltzmann
import Foundation
import Runs
import TensorFiles

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export the energy histograms of a run as CSV: reference, proposal, reweighted.",
    discussion: """
      Densities in 1/kT over common bins, reweighted with all finite weights; the notebook in \
      notebooks-export/ draws them. A JSON file beside the CSV file says what they were made from.
      Of a simulation: how far its frames are from a reference after 10⁴, 10⁵, … evaluations of \
      the energy.
      """)

  @Argument(help: ArgumentHelp("A run folder, or that of a simulation.", valueName: "run"))
  var runPath: String

  @Argument(help: "Further simulations with the same settings and other seeds.")
  var further: [String] = []

  @Option(help: ArgumentHelp("The CSV file; standard output by default.", valueName: "file"))
  var output: String?

  @Option(help: "How many bins.")
  var bins = 100

  @Option(
    help: ArgumentHelp(
      "The reference; by default the run's, or the system's for a simulation.",
      valueName: "file.nc"))
  var reference: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if bins < 1 { throw ValidationError("--bins is \(bins), expected at least 1") }
  }

  func run() throws {
    if let first = try? SimulationFolder(existing: runPath) {
      try overwrite.check([output])
      let simulations = try [first] + further.map { try SimulationFolder(existing: $0) }
      let costs = try costCurve(of: simulations, reference: reference, context: shared.context())
      return try output.map { try writeText(costs, path: $0) } ?? printResult(costs)
    }
    guard further.isEmpty else { throw ValidationError("further folders are for simulations") }
    let folder = try RunFolder(existing: runPath)
    let record = try MoleculeRecord.read(path: folder.record)
    let system = try record.readSystem()
    let settings = output.map { ($0 as NSString).deletingPathExtension + ".json" }
    try overwrite.check([output, settings])
    let weighted = try WeightedProposals(
      try Proposals(
        samples: folder.samples, weights: folder.weights, of: system, log: shared.log),
      of: system, clip: record.configuration.evaluation.clippedFraction,
      execution: shared.execution)
    let referencePath =
      try self.reference
      ?? record.referencePath(in: folder, advice: referenceAdvice)
    let reference = try readFrames(referencePath, of: system, log: shared.log)
    let histogram = try weighted.energyHistogram(
      referenceEnergies: system.reducedEnergies(
        reference.coordinates, execution: shared.execution),
      bins: bins)
    guard let output, let settings else { return try printResult(histogram.csvText) }
    try writeText(histogram.csvText, path: output)
    try HistogramSettings(
      weighted, reference: try InputFile(path: referencePath), program: shared.program,
      drawn: Draw(beside: folder.samples, count: weighted.proposals.count)
    ).write(path: settings)
  }
}
