import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import Trajectories

extension TrainedModel {
  /// How many conformations are drawn and weighed at a time: a block.
  package static let blockSize = 10_000

  /// Draws proposals as `drawProposals` does, a block at a time, and forgets their coordinates.
  ///
  /// The observables and weights are those of the conformations that `drawProposals` gives for the
  /// same indices (`ObservablesTests`), for any number of ranks, each of which draws a share and
  /// gets those of the others. Memory: see ``checkMemory(proposals:of:)``.
  ///
  /// - Throws: `RunError.configuration` when this CPU has no unit for the precision or the memory
  ///   does not suffice, `EvaluationError` when no proposal has a weight.
  package func observeProposals(
    _ options: SamplingOptions, of system: MolecularSystem, seed: UInt64, from first: Int = 0,
    clip: Double, blocksOf size: Int = blockSize, context: RunContext
  ) throws -> ObservedProposals {
    try Self.checkMemory(proposals: options.count, of: system)
    let shares = context.ranks.shares(of: options.count)
    let own = shares[context.ranks.rank]
    let progress = context.counting("sampling", of: own.count)
    var observables = Observables.none
    var logDensities: [Double] = []
    var blockOptions = options
    while logDensities.count < own.count {
      blockOptions.count = min(size, own.count - logDensities.count)
      let proposals = try drawProposals(
        blockOptions, seed: seed, from: first + own.lowerBound + logDensities.count,
        context: context, onProgress: progress)
      observables.append(
        Observables(proposals.conformations, of: system, execution: context.execution))
      logDensities += proposals.supportedLogDensities
    }
    return try ObservedProposals(
      observables.gathered(by: context.ranks, shares: shares),
      logDensities: context.ranks.gathered(logDensities, shares: shares), clip: clip)
  }

  /// Checks that an evaluation of so many proposals fits into the memory that there is: 600 bytes and
  /// 30 for each torsion, stereocentre and amide of each, and the 10,000 conformations that are
  /// drawn at a time; 1.4 GB for a million of AL6.
  /// - Throws: `RunError.configuration`.
  package static func checkMemory(
    proposals count: Int, of system: MolecularSystem
  ) throws(RunError) {
    try checkMemory(conformations: min(count, blockSize), atoms: system.topology.atoms)
    let stereochemistry = Stereochemistry(system.topology)
    let numbers =
      Backbone(system.topology).torsions.count + stereochemistry.centres.count
      + stereochemistry.amides.count
    try requireMemory(
      Double(count) * (600 + 30 * Double(numbers)), for: "\(count) proposals",
      advice: "evaluate fewer")
  }

  /// `log q` of conformations, [frames], nats, as `drawProposals` gives it of its own; `.nan` where
  /// the flow gives a conformation no density.
  ///
  /// A Cartesian flow sees each conformation in one random orientation.
  ///
  /// - Parameter labels: Those of the flow, which conformations get; without them they keep theirs.
  package func logDensities(
    of trajectory: Trajectory, labels: FlowLabels?, _ options: SamplingOptions, seed: UInt64,
    execution: Execution
  ) -> [Double] {
    var execution = execution
    execution.unit = unit(for: options.precision)
    let trajectory = labels?.match(trajectory) ?? trajectory
    return logMeanDensities(
      members.map { model in
        model.flowDensities(
          trajectory.coordinates, priorScale: options.priorScale, execution: execution
        ) { tokens in
          guard case .cartesian(let cartesian) = model.representation else { return }
          for frame in 0..<trajectory.frames {
            var generator = RandomGenerator(seed: seed, stream: .validation, index: frame)
            cartesian.augment(&tokens, frame: frame) { generator.normal() }
          }
        }
      })
  }

  /// `log q` of the frames of a reference, [frames], nats, as `logDensities` has them, for those that an
  /// evaluation of so many compares with; `.nan` for the others, of which there may be very many.
  func referenceDensities(
    _ reference: Trajectory, comparing count: Int, of system: MolecularSystem,
    _ options: SamplingOptions, seed: UInt64, execution: Execution
  ) -> [Double] {
    let labels = FlowLabels(representation, of: system)
    let frames = stratifiedIndices(count: reference.frames, points: count)
    let found = logDensities(
      of: frames.count == reference.frames ? reference : reference.selected(frames),
      labels: labels, options, seed: seed, execution: execution)
    var all = [Double](repeating: .nan, count: reference.frames)
    for (frame, density) in zip(frames, found) { all[frame] = density }
    return all
  }

  /// Draws so many proposals and compares them with a reference: the figures of a trained run.
  ///
  /// - Parameters:
  ///   - proposals: How many; where they are more than the evaluation's count, both budgets have
  ///     figures.
  ///   - sampling: The width of the prior and the arithmetic.
  ///   - seed: That of the random stream, from whose beginning the proposals are.
  /// - Throws: As `observeProposals`.
  package func compare(
    proposals: Int, with reference: Trajectory, of system: MolecularSystem,
    sampling: SamplingOptions, seed: UInt64, options: EvaluationOptions, context: RunContext
  ) throws -> (comparison: Comparison, drawn: Draw) {
    var sampling = sampling
    sampling.count = proposals
    let observed = try observeProposals(
      sampling, of: system, seed: seed, clip: options.clippedFraction, context: context)
    let comparison = try Comparison(
      observed, with: reference, of: system, options: options,
      referenceLogDensities: referenceDensities(
        reference, comparing: options.count, of: system, sampling, seed: seed,
        execution: context.execution),
      execution: context.execution)
    let drawn = Draw(
      sampling, seed: seed, program: context.program, model: weightsChecksum)
    return (comparison, drawn)
  }
}
