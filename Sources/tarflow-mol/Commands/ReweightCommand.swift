import ArgumentParser
import Evaluation
import Foundation

struct ReweightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reweight",
    abstract:
      "Compute the weights of a run's samples anew from samples.nc and the log_q in weights.csv.",
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
    let lock = try RunLock(folder)
    defer { lock.release() }
    let record = try RunRecord.read(path: folder.record)
    let system = try record.readSystem()
    let samples = try readSamples(folder.samples, of: system, log: shared.log)
    let logDensities = try WeightsTable.readLogDensities(path: folder.weights)
    try checkLengths(samples, logDensities, weightsPath: folder.weights)
    let energies = system.reducedEnergies(samples.coordinates, execution: shared.execution)
    let clip = clip ?? record.configuration.evaluation.clip
    let table = WeightsTable(logDensities: logDensities, energies: energies)
    try writeText(try table.text(clip: clip), path: folder.weights)
    let weights = try LogWeights(
      energies: energies, logDensities: logDensities, clippedFraction: clip)
    try report(weights)
  }

  private struct Report: Encodable {
    let samples, kept, nonfiniteEnergies, nonfiniteLogDensities: Int
    let ess, rawESS, largestShare: Double

    private enum CodingKeys: String, CodingKey {
      case samples, kept, ess
      case nonfiniteEnergies = "nonfinite_energies"
      case nonfiniteLogDensities = "nonfinite_log_q"
      case rawESS = "ess_raw"
      case largestShare = "largest_weight_share"
    }
  }

  private func report(_ weights: LogWeights) throws {
    let kept = weights.kept.count { $0 }
    let report = Report(
      samples: weights.values.count, kept: kept, nonfiniteEnergies: weights.nonfiniteEnergies,
      nonfiniteLogDensities: weights.nonfiniteLogDensities, ess: weights.effectiveSampleSize,
      rawESS: weights.rawEffectiveSampleSize, largestShare: weights.largestShare)
    if json { return try printResult(try tarflow_mol.json(report)) }
    try printResult(
      """
      \(report.samples) samples, \(kept) kept; ESS \(decimal(report.ess, 3)) (raw \(decimal(report.rawESS, 4))), \
      largest weight \(decimal(100 * report.largestShare, 1)) %

      """)
  }
}
