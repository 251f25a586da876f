import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Runs

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw independent conformations from a trained run, with log-densities and weights.",
    discussion: """
      Writes samples.nc (AMBER NetCDF, every proposal a frame), samples.json (how they were drawn) \
      and weights.csv. Every call goes on in the run's random stream where the last one ended, so \
      that all samples of a run are independent and may be pooled.
      """)

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var runPath: String

  @Option(name: .shortAndLong, help: "How many conformations.")
  var number = 10_000

  @Option(
    help: """
      The standard deviation of the prior, about 1; the run's by default. A larger one gives wider \
      proposals.
      """)
  var priorScale: Double?

  @Option(
    help: """
      The arithmetic of the flow's large products: auto, fp32 or bf16; the run's by default, fp32. \
      The log-densities are always those of what was drawn.
      """)
  var precision: Precision?

  @Option(
    help: """
      Draw from the beginning of this seed's stream; the run goes on in its own by default. The same \
      seed draws the same conformations.
      """)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Where the files go; the run folder by default.", valueName: "folder"))
  var output: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if number < 1 { throw ValidationError("-n is \(number), expected at least 1") }
    if let priorScale, !SamplingOptions.priorScales.contains(priorScale) {
      throw ValidationError("--prior-scale is \(priorScale), expected 0.5 to 2")
    }
  }

  func run() throws {
    try loadBLAS()
    let folder = try RunFolder(existing: runPath)
    let record = try MoleculeRecord.read(path: folder.record)
    let system = try record.readSystem()
    let model = try TrainedModel(path: folder.model)
    try TrainedModel.checkMemory(conformations: number, atoms: system.topology.atoms)
    let target = output ?? folder.path
    try createFolder(target)
    try overwrite.check(["samples.nc", "samples.json", "weights.csv"].map { "\(target)/\($0)" })
    let takesOwn = seed == nil
    guard output == nil else {
      let first = takesOwn ? try record.lockAndTakeIndices(number, in: folder) : 0
      return try draw(from: model, record, system, target, first)
    }
    try withLock(on: folder.path) {
      let first = takesOwn ? try record.takeIndices(number, in: folder) : 0
      try draw(from: model, record, system, target, first)
    }
  }

  private func draw(
    from model: TrainedModel, _ record: MoleculeRecord, _ system: MolecularSystem,
    _ target: String, _ first: Int
  ) throws {
    let (samples, weights) = ("\(target)/samples.nc", "\(target)/weights.csv")
    var options = record.configuration.sampling
    options.count = number
    if let priorScale { options.priorScale = priorScale }
    if let precision { options.precision = precision }
    let context = shared.context()
    let own = record.configuration.seed
    if seed == own {
      context.log.warning(
        "seed \(own) is the run's own: these conformations repeat what the run has drawn")
    }
    let proposals = try model.drawProposals(
      options, seed: seed ?? own, from: first, context: context)
    try WeightedProposals(
      proposals, of: system, clip: record.configuration.evaluation.clippedFraction,
      execution: context.execution
    ).write(
      samples: samples, weights: weights,
      drawn: Draw(options, seed: seed ?? own, from: first, program: context.program),
      system: system, context: context)
    try printResult("\(samples)\n\(weights)\n")
  }
}
