import Evaluation
import Flow
import Foundation
import Kernels
import Reporting
import Runs
import TensorFiles
import Trajectories

extension TrainedModel {
  /// Draws conformations from the flow and carries them along a path of densities to the Boltzmann
  /// distribution.
  ///
  /// Of a mixture it is the first flow alone: each has tokens of its own.
  ///
  /// The proposals that come back have the log-densities with which their weights are those of the
  /// particles, `log q = −u − log w`: whatever is done with weighted proposals may be done with
  /// them, for other targets as well. The mean weight is the estimate of Z.
  ///
  /// - Parameters:
  ///   - options: How many particles; the prior always has the width 1.
  ///   - first: The index of the first in the seed's stream.
  /// - Throws: As `drawProposals` and `anneal`.
  package func annealProposals(
    _ options: SamplingOptions, _ settings: AnnealingSettings, of system: MolecularSystem,
    seed: UInt64, from first: Int = 0, context: RunContext
  ) throws -> (proposals: Proposals, facts: AnnealingFacts) {
    let ranks = context.ranks
    let shares = ranks.shares(of: options.count)
    let own = shares[ranks.rank]
    let drawn = flow.sample(
      own.count, from: first + own.lowerBound, seed: seed, weights: weights,
      execution: context.execution, onProgress: context.counting("sampling", of: own.count))
    let tokens = ranks.gathered(drawn.0, shares: shares, size: flow.dimensions)
    let logDensities = ranks.gathered(drawn.1, shares: shares)
    let energies = settings.energyCutoff.map { _ in
      system.reducedEnergies(
        representation.coordinates(from: tokens, execution: context.execution).coordinates,
        execution: context.execution)
    }
    let annealed = try anneal(
      tokens, logDensities: logDensities, energies: energies, along: annealedPath(to: system),
      settings, seed: seed, from: first, context: context)
    let rebuilt = representation.coordinates(from: annealed.x, execution: context.execution)
    let stored = Trajectory(atoms: representation.atoms, coordinates: rebuilt.coordinates)
      .roundedToFile()
    let found = system.reducedEnergies(
      stored.trajectory.coordinates, execution: context.execution)
    let effective = zip(found, annealed.logWeights).map { -$0 - $1 }
    let proposals = Proposals(
      conformations: stored.trajectory, logDensities: effective,
      isSupported: effective.indices.map {
        rebuilt.inSupport[$0] && effective[$0].isFinite && stored.isWritable[$0]
      }, ancestors: annealed.ancestors)
    return (proposals, annealed.facts)
  }

  /// Draws and anneals conformations, and writes them into a folder as `draw` does.
  ///
  /// `samples.json` has the facts of the path as well. Ranks share the work, and the first writes.
  ///
  /// - Returns: The paths of the conformations and of the weights; none on other ranks.
  /// - Throws: What annealing, weighing and writing throw.
  package func drawAnnealed(
    _ options: SamplingOptions, _ settings: AnnealingSettings, seed: UInt64, first: Int,
    of system: MolecularSystem, clip: Double, to folder: String, context: RunContext
  ) throws -> [String] {
    var options = options
    (options.priorScale, options.precision) = (1, .fp32)
    let folder = DrawFolder(path: folder)
    let found = try firstFlow("what is annealed is drawn from", log: context.log).annealProposals(
      options, settings, of: system, seed: seed, from: first, context: context)
    guard context.ranks.isFirst else { return [] }
    let weighted = try WeightedProposals(
      found.proposals, of: system, clip: clip, execution: context.execution)
    try weighted.write(
      samples: folder.samples, weights: folder.weights,
      drawn: Draw(
        options, seed: seed, from: first, program: context.program, model: weightsChecksum),
      record: { try sealedJSONText(AnnealedDraw(draw: $0, annealing: found.facts)) },
      system: system, context: context)
    context.log.info("\(found.facts.text)")
    context.log.info("\(WeightsSummary(weighted.weights).text.dropLast())")
    return [folder.samples, folder.weights]
  }
}

/// How annealed conformations came about: a draw, and the path that they went.
package struct AnnealedDraw: Codable, Equatable, Sendable {
  package let draw: Draw
  package let annealing: AnnealingFacts

  private enum CodingKeys: CodingKey { case annealing }

  package init(draw: Draw, annealing: AnnealingFacts) {
    (self.draw, self.annealing) = (draw, annealing)
  }

  /// Reads a draw's record with the facts beside its own.
  package init(from decoder: any Decoder) throws {
    draw = try Draw(from: decoder)
    annealing = try decoder.container(keyedBy: CodingKeys.self)
      .decode(AnnealingFacts.self, forKey: .annealing)
  }

  package func encode(to encoder: any Encoder) throws {
    try draw.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(annealing, forKey: .annealing)
  }
}
