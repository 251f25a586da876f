import Evaluation
import Kernels
import Molecules
import Trajectories

/// What an evaluation needs to know of conformations: a few numbers of each, and no coordinates.
package struct Observables: Equatable, Sendable {
  /// `U/kT` of each frame, [frames]; non-finite for a broken one.
  package private(set) var energies: [Double]
  /// All φ, then all ψ, rad, [frames, torsions].
  package private(set) var torsions: [Double]
  /// The sign of each stereocentre, [frames, centres].
  package private(set) var handedness: [Int]
  /// The sign of each amide, [frames, amides].
  package private(set) var isomers: [Int]

  private init() {
    (energies, torsions, handedness, isomers) = ([], [], [], [])
  }

  /// Those of no frames.
  static let none = Observables()

  package init(_ trajectory: Trajectory, of system: MolecularSystem, execution: Execution) {
    self.init(
      trajectory, of: system,
      energies: system.reducedEnergies(trajectory.coordinates, execution: execution),
      execution: execution)
  }

  /// With the energies known.
  init(
    _ trajectory: Trajectory, of system: MolecularSystem, energies: [Double], execution: Execution
  ) {
    let (atoms, coordinates) = (system.topology.atoms, trajectory.coordinates)
    let stereochemistry = Stereochemistry(system.topology)
    self.energies = energies
    torsions = Backbone(system.topology).angles(of: coordinates, atoms: atoms, execution: execution)
    handedness = stereochemistry.handedness(of: coordinates, atoms: atoms, execution: execution)
    isomers = stereochemistry.isomers(of: coordinates, atoms: atoms, execution: execution)
  }

  /// Adds the frames of another set of the same molecule.
  package mutating func append(_ other: Observables) {
    energies += other.energies
    torsions += other.torsions
    handedness += other.handedness
    isomers += other.isomers
  }

  package var count: Int { energies.count }

  /// Those of all ranks, in the order of the ranks.
  ///
  /// - Parameter shares: The frames that each rank has.
  func gathered(by ranks: Ranks, shares: [Range<Int>]) -> Observables {
    func all<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(_ own: [Number]) -> [Number] {
      // A rank without frames does not know how many numbers each has.
      let size = ranks.gathered(count > 0 ? own.count / count : 0).max() ?? 0
      return ranks.gathered(own, shares: shares, size: size)
    }
    var result = self
    (result.energies, result.torsions) = (all(energies), all(torsions))
    (result.handedness, result.isomers) = (all(handedness), all(isomers))
    return result
  }
}

/// Proposals of which nothing is kept but what an evaluation needs, so that millions fit into
/// memory.
package struct ObservedProposals: Sendable {
  package private(set) var observables: Observables
  package private(set) var weights: LogWeights

  package init(
    _ weighted: WeightedProposals, of system: MolecularSystem, execution: Execution
  ) {
    observables = Observables(
      weighted.proposals.conformations, of: system, energies: weighted.energies,
      execution: execution)
    weights = weighted.weights
  }

  /// - Parameters:
  ///   - logDensities: `log q`, [frames], nats; not finite outside the support.
  ///   - clip: The share of the largest weights that the benchmark's figures leave out.
  /// - Throws: `EvaluationError` when no proposal has a weight.
  init(
    _ observables: Observables, logDensities: [Double], clip: Double
  ) throws(EvaluationError) {
    self.observables = observables
    weights = try LogWeights(
      energies: observables.energies, logDensities: logDensities, clippedFraction: clip)
  }

  package var count: Int { observables.count }
}
