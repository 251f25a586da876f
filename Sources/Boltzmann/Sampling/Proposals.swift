import Flow
import Foundation
import Kernels
import Molecules
import Runs
import Trajectories

/// Conformations that a flow proposes, with the densities that it proposes them with.
package struct Proposals: Sendable {
  /// nm, rounded to what a trajectory file holds, so that energies can be repeated from the file.
  package let conformations: Trajectory
  /// log-density over Cartesian coordinates modulo rigid motion, nats, [samples]; of no meaning
  /// outside the support.
  package let logDensities: [Double]
  /// Whether a proposal is a conformation that the flow gives a density, [samples]; where not, its
  /// weight is zero.
  package let isSupported: [Bool]
  /// Of annealed proposals: which of the first ones each comes from, rows of one ancestor in a row,
  /// [samples]; nil for independent ones.
  package let ancestors: [Int]?

  package init(
    conformations: Trajectory, logDensities: [Double], isSupported: [Bool], ancestors: [Int]? = nil
  ) {
    precondition(
      ancestors.map { $0.count == conformations.frames } ?? true,
      "\(ancestors?.count ?? 0) ancestors for \(conformations.frames) conformations")
    self.ancestors = ancestors
    precondition(
      logDensities.count == conformations.frames && isSupported.count == conformations.frames,
      "\(logDensities.count) densities for \(conformations.frames) conformations")
    self.conformations = conformations
    self.logDensities = logDensities
    self.isSupported = isSupported
  }

  package var count: Int { conformations.frames }

  /// log-densities as weights are computed with, nats, [samples]: infinite outside the support, where
  /// the weight is zero.
  package var supportedLogDensities: [Double] {
    zip(logDensities, isSupported).map { $1 ? $0 : .infinity }
  }
}

extension TrainedModel {
  /// Draws independent conformations with their densities `log q(x)`, as
  /// ``drawConformations(_:from:seed:stream:choosing:priorScale:execution:onProgress:)``.
  ///
  /// The same seed and index give the same conformations for any number of workers. A proposal is
  /// outside the support when its tokens are those of no conformation (an angle outside 0 … π,
  /// or a torsion outside its window of 2π unless torsions are periodic), or when a coordinate or its density is beyond single
  /// precision.
  ///
  /// - Parameter onProgress: Is told how many more are done, in place of the context.
  /// - Throws: `RunError.configuration` when this CPU has no unit for the precision, or for a mixture
  ///   in bf16, where a flow gives what it has drawn a slightly other density than what another has.
  package func drawProposals(
    _ options: SamplingOptions, seed: UInt64, from first: Int = 0, context: RunContext,
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) throws -> Proposals {
    let count = options.count
    var execution = context.execution
    execution.unit = unit(for: options.precision)
    if options.precision == .bf16, execution.unit == nil {
      throw RunError.configuration(
        source: "sampling.precision",
        problem: "is bf16, which this CPU has no unit for (AMX or AVX-512 BF16); use fp32")
    }
    guard !isMixture || execution.unit?.rounds != true else {
      throw RunError.configuration(
        source: "sampling.precision",
        problem: "is \(options.precision.rawValue), which rounds to bfloat16; the densities of a "
          + "mixture need fp32")
    }
    let drawn = drawConformations(
      count, from: first, seed: seed, priorScale: options.priorScale, execution: execution,
      onProgress: onProgress ?? context.counting("sampling", of: count))
    let stored = Trajectory(atoms: representation.atoms, coordinates: drawn.coordinates)
      .roundedToFile()
    let isSupported = (0..<count).map { frame in
      drawn.areInSupport[frame] && drawn.logDensities[frame].isFinite && stored.isWritable[frame]
    }
    return Proposals(
      conformations: stored.trajectory, logDensities: drawn.logDensities, isSupported: isSupported)
  }

  /// Checks that so many conformations fit into the memory that there is.
  ///
  /// Coordinates, tokens and their copies take 17 bytes a coordinate, and all else 400 a
  /// conformation: measured were 2,044 bytes a conformation of AL3 and 3,565 of AL6. Annealed ones
  /// take 2.2 times as much, with their forces and velocities.
  /// - Throws: `RunError.configuration`.
  package static func checkMemory(
    conformations count: Int, atoms: Int, areAnnealed: Bool = false,
    advice: String = "draw them in several calls"
  ) throws(RunError) {
    let bytes = Double(count) * (17 * 3 * Double(atoms) + 400)
    try requireMemory(
      areAnnealed ? 2.2 * bytes : bytes, for: "\(count) samples", advice: advice)
  }
}
