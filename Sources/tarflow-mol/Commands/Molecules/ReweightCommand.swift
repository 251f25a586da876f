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
    help: "The share of the largest weights to drop; the run's by default (the benchmark's 0.002).")
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
      let weighted = try WeightedProposals(
        try Proposals(
          samples: folder.samples, weights: folder.weights, of: system, log: shared.log),
        of: system, clip: clip ?? record.configuration.evaluation.clippedFraction,
        execution: shared.execution)
      try weighted.writeWeights(folder.weights)
      try printResult(try text(weighted.weights))
    }
  }

  private struct Report: Encodable {
    let samples, kept, nonfiniteEnergies, nonfiniteLogDensities: Int
    let ess, rawESS, largestShare: Double

    init(_ weights: LogWeights) {
      samples = weights.values.count
      kept = weights.kept.count { $0 }
      nonfiniteEnergies = weights.nonfiniteEnergies
      nonfiniteLogDensities = weights.nonfiniteLogDensities
      ess = weights.effectiveSampleSize
      rawESS = weights.rawEffectiveSampleSize
      largestShare = weights.largestShare
    }

    private enum CodingKeys: String, CodingKey {
      case samples, kept, ess
      case nonfiniteEnergies = "nonfinite_energies"
      case nonfiniteLogDensities = "nonfinite_log_q"
      case rawESS = "ess_raw"
      case largestShare = "largest_weight_share"
    }
  }

  private func text(_ weights: LogWeights) throws -> String {
    let report = Report(weights)
    if json { return try jsonText(report) }
    return """
      \(report.samples) samples, \(report.kept) kept; ESS \(report.ess.fixed(3)) \
      (raw \(report.rawESS.fixed(4))), largest weight \((100 * report.largestShare).fixed(1)) %

      """
  }
}
