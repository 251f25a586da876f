import Flow
import Foundation
import Kernels
import Molecules
import Runs
import Trajectories

/// How often walkers were offered an independent proposal, and took it.
package struct JumpStatistics: Codable, Equatable, Sendable {
  /// Of each chain, [chains].
  package private(set) var attempts: [Int]
  package private(set) var accepted: [Int]
  /// Attempts from states that the flow gives no density, none of which can be accepted.
  package private(set) var withoutDensity = 0

  private enum CodingKeys: String, CodingKey {
    case attempts, accepted
    case withoutDensity = "without_density"
  }

  init(chains: Int) {
    attempts = [Int](repeating: 0, count: chains)
    accepted = attempts
  }

  /// Whether counts that were read are of so many chains, and can be added.
  func fit(chains: Int) -> Bool {
    attempts.count == chains && accepted.count == chains
      && (attempts + accepted + [withoutDensity]).allSatisfy((0...1 << 40).contains)
  }

  /// The share of all attempts that was accepted; nil before the first.
  package var acceptance: Double? {
    let all = attempts.reduce(0, +)
    return all > 0 ? Double(accepted.reduce(0, +)) / Double(all) : nil
  }

  mutating func count(chain: Int, isAccepted: Bool, hasDensity: Bool) {
    attempts[chain] += 1
    if isAccepted { accepted[chain] += 1 }
    if !hasDensity { withoutDensity += 1 }
  }
}

/// Independent proposals of a flow, to one of which the first replica of every chain may jump.
///
/// A conformation x′ of density q is taken with `min(1, w(x′)/w(x))`, `w = exp(−U/kT)/q`, and gets
/// fresh velocities: the Boltzmann distribution of each walker is invariant, but for the error of
/// the time step Δt, which jumps enlarge. They are Maxwell's, of variance kT/m, where those of the
/// integrator have (kT/m)(1 − ω²Δt²/4) at a vibration of frequency ω: each jump heats it a little.
///
/// `log q` of the present conformation is that of its tokens, exact to their rounding, with its
/// equal hydrogens labelled as the flow has them. A proposal that has them labelled otherwise is
/// refused, as if it had no density: a walker that took it would stand there with the density of
/// other labels. One with another handedness than the walker's is refused, too, as if its energy
/// were infinite. Proposal and test depend on the seed, the
/// number of the round and the chain alone.
struct FlowJumps {
  /// Rounds that are drawn together: a flow draws many in little more time than a few.
  private static let drawnRounds = 32

  private let model: TrainedModel
  private let labels: FlowLabels
  private let system: MolecularSystem
  private let masses: [Double]
  /// ps.
  private let timeStep: Double
  private let options = SamplingOptions()
  private let seed: UInt64
  private let chains: Int
  private let stereochemistry: Stereochemistry
  /// Proposals of the rounds from `firstRound` on, [rounds, chains].
  private var drawn: [Proposal] = []
  private var firstRound = 0

  private struct Proposal {
    /// nm, [atoms, 3].
    let coordinates: ArraySlice<Double>
    let potential: Double
    /// kJ mol⁻¹ nm⁻¹, [atoms, 3].
    let forces: ArraySlice<Double>
    /// Of tokens over the volume that they fill; nil outside the support, and for hydrogens that are
    /// not labelled as the flow has them.
    let logDensity: Double?
    let handedness: ArraySlice<Int>
  }

  /// - Throws: `RunError.badData` for a model of another molecule, or of Cartesian coordinates, whose
  ///   density depends on how a conformation is turned.
  init(
    _ model: TrainedModel, path: String, system: MolecularSystem, masses: [Double],
    timeStep: Double, seed: UInt64, chains: Int
  ) throws(RunError) {
    try model.checkMolecule(system, path: path)
    guard case .internal = model.representation else {
      throw TrainedModel.cartesianError(path: path)
    }
    (self.model, self.system, self.masses) = (model, system, masses)
    labels = FlowLabels(model.representation, of: system)
    (self.timeStep, self.seed, self.chains) = (timeStep, seed, chains)
    stereochemistry = Stereochemistry(system.topology)
  }

  /// A conformation with its equal hydrogens labelled as the flow has them, as all proposals that may
  /// be taken have them, nm, [atoms].
  func labelled(_ positions: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let matched = labels.match(positions.flatMap { [$0.x, $0.y, $0.z] })
    return positions.indices.map {
      SIMD3(matched[3 * $0], matched[3 * $0 + 1], matched[3 * $0 + 2])
    }
  }

  /// Offers a proposal to the walker on the first rung of every chain.
  mutating func attempt(
    _ walkers: inout Walkers, _ exchange: ReplicaExchange, round: Int,
    _ statistics: inout JumpStatistics, execution: Execution
  ) {
    if drawn.isEmpty || !(firstRound..<firstRound + drawn.count / chains).contains(round) {
      draw(from: round, execution: execution)
    }
    let movers = (0..<chains).map { exchange.walker(onRung: 0, ofLadder: $0) }
    let present = Trajectory(
      atoms: walkers.atoms, coordinates: movers.flatMap { walkers.centred($0) })
    let densities = model.logDensities(
      of: present, labels: labels, options, seed: seed, execution: execution)
    let handedness = stereochemistry.handedness(
      of: present.coordinates, atoms: walkers.atoms, execution: execution)
    let centres = stereochemistry.centres.count
    for (chain, walker) in movers.enumerated() {
      let proposal = drawn[(round - firstRound) * chains + chain]
      let thermal = walkers.thermalEnergies[walker]
      var generator = RandomGenerator(seed: seed, stream: .jumps, step: round, index: chain)
      // Drawn in any case, so that what follows does not depend on the outcome.
      let uniform = generator.uniform()
      let hasDensity = densities[chain].isFinite
      let own = handedness[chain * centres..<(chain + 1) * centres]
      let isAccepted = isIndependentProposalAccepted(
        present: hasDensity ? -walkers.potentials[walker] / thermal - densities[chain] : .infinity,
        proposed: proposal.handedness.elementsEqual(own)
          ? logWeight(proposal, thermal: thermal) : -.infinity,
        uniform: uniform)
      statistics.count(chain: chain, isAccepted: isAccepted, hasDensity: hasDensity)
      guard isAccepted else { continue }
      // Maxwell's velocities are those at the time of the positions; the walkers keep those half a
      // step earlier, which differ by the kick in between. Without it every jump would heat.
      var (number, kicks) = (0, proposal.forces.makeIterator())
      walkers.place(
        walker, at: proposal.coordinates, potential: proposal.potential, masses: masses
      ) {
        defer { number += 1 }
        let scale = 0.5 * timeStep / (thermal * masses[number / 3]).squareRoot()
        return generator.normal() - scale * (kicks.next() ?? 0)
      }
    }
  }

  /// log w of a proposal at a temperature; −∞ where it has no density under p.
  private func logWeight(_ proposal: Proposal, thermal: Double) -> Double {
    guard let logDensity = proposal.logDensity else { return -.infinity }
    let value = -proposal.potential / thermal - logDensity
    return value.isFinite ? value : -.infinity
  }

  /// Draws the proposals of some rounds.
  private mutating func draw(from round: Int, execution: Execution) {
    let count = Self.drawnRounds * chains
    let proposed = model.drawConformations(
      count, from: round * chains, seed: seed, stream: .jumpProposals, choosing: .atRandom,
      priorScale: options.priorScale, execution: execution)
    let (terms, forces) = system.energy.termsAndForces(
      coordinates: proposed.coordinates, execution: execution)
    let (width, centres) = (3 * system.topology.atoms, stereochemistry.centres.count)
    let handedness = stereochemistry.handedness(
      of: proposed.coordinates, atoms: system.topology.atoms, execution: execution)
    let matched = labels.match(proposed.coordinates)
    firstRound = round
    drawn = (0..<count).map { index in
      let logDensity = proposed.logDensities[index]
      let own = proposed.coordinates[index * width..<(index + 1) * width]
      let isPossible =
        proposed.areInSupport[index] && logDensity.isFinite
        && own == matched[index * width..<(index + 1) * width]
      return Proposal(
        coordinates: own,
        potential: terms[index].total,
        forces: forces[index * width..<(index + 1) * width],
        logDensity: isPossible ? logDensity : nil,
        handedness: handedness[index * centres..<(index + 1) * centres])
    }
  }
}
