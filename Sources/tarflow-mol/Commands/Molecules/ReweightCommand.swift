import ArgumentParser
import Boltzmann
import Evaluation
import Reporting
import Runs

struct ReweightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reweight",
    abstract: "Recompute the weights of a run from samples.nc and the log_q in weights.csv.",
    discussion: "Self-normalised importance sampling: log w = −U/kT − log_q. Rewrites weights.csv.")

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var runPath: String

  @Option(
    help: """
      The share of the largest weights that the benchmark's E-W2 and ESS leave out; the run's by \
      default (0.002). `evaluate` uses it from then on.
      """)
  var clip: Double?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let clip, !(0..<1).contains(clip) {
      throw ValidationError("--clip is \(clip), expected 0 to 1")
    }
  }

  func run() throws {
    let folder = try RunFolder(existing: runPath)
    try withLock(on: folder.path) {
      let record = try MoleculeRecord.read(path: folder.record)
      let system = try record.readSystem()
      let clip = clip ?? record.configuration.evaluation.clippedFraction
      let weighted = try WeightedProposals(
        try Proposals(
          samples: folder.samples, weights: folder.weights, of: system, log: shared.log),
        of: system, clip: clip, execution: shared.execution)
      try weighted.writeWeights(folder.weights)
      try Weighting(program: shared.program, clip: clip).write(path: folder.weighting)
      let summary = WeightsSummary(weighted.weights)
      try printResult(json ? try jsonText(summary) : summary.text)
    }
  }
}
