import ArgumentParser
import Foundation
import Kernels

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw independent conformations from a trained run, with log-densities and weights.",
    discussion: "Writes samples.nc (AMBER NetCDF, every proposal a frame) and weights.csv.")

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var runPath: String

  @Option(name: .shortAndLong, help: "How many conformations.")
  var number = 10_000

  @Option(
    help:
      "The standard deviation of the prior, about 1; the run's by default. More makes wider proposals."
  )
  var priorScale: Double?

  @Option(
    help:
      "The arithmetic of the flow's large products: auto, fp32 or bf16; the run's by default, fp32. The log-densities are always those of what was drawn."
  )
  var precision: Precision?

  @Option(help: "The seed; the run's own by default. Another seed draws other conformations.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Where samples.nc and weights.csv go; the run folder by default.", valueName: "folder"))
  var output: String?

  @Flag(help: "Replace files that are there.")
  var overwrite = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if number < 1 { throw ValidationError("-n is \(number), expected at least 1") }
    if let priorScale, !(0.5...2).contains(priorScale) {
      throw ValidationError("--prior-scale is \(priorScale), expected 0.5 to 2")
    }
  }

  func run() throws {
    try loadBLAS()
    let folder = try RunFolder(existing: runPath)
    let record = try RunRecord.read(path: folder.record)
    let system = try record.readSystem()
    let model = try readModel(folder)
    try checkMemory(count: number, atoms: system.topology.atoms)
    let target = output ?? folder.path
    try prepare(target)
    let lock = try output == nil ? RunLock(folder) : nil
    defer { lock?.release() }
    let (samples, weights) = ("\(target)/samples.nc", "\(target)/weights.csv")
    var sampling = record.configuration.sampling
    if let priorScale { sampling.priorScale = priorScale }
    if let precision { sampling.precision = precision }
    let proposals = try drawProposals(
      model, count: number, seed: seed ?? record.configuration.seed, sampling: sampling,
      options: shared)
    _ = try writeProposals(
      proposals, system: system, samples: samples, weights: weights,
      clip: record.configuration.evaluation.clip, options: shared)
    try printResult("\(samples)\n\(weights)\n")
  }

  /// Makes the folder, and sees to it that nothing is overwritten unasked.
  private func prepare(_ target: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path: target, reason: systemReason(error))
    }
    for path in ["\(target)/samples.nc", "\(target)/weights.csv"]
    where !overwrite && FileManager.default.fileExists(atPath: path) {
      throw CommandError.exists(path: path, advice: "choose another --output, or add --overwrite")
    }
  }
}
