import Evaluation
import Foundation
import Kernels
import Molecules
import Trajectories

/// Whether conformations have the Boltzmann distribution of an energy, whatever the populations of
/// their states.
///
/// For every vector field `v` on the conformations that grows more slowly than `exp(U/kT)`,
/// integrating `∇·(v exp(−U/kT))` over all space gives zero, that is
/// `⟨v · ∇U⟩ = kT ⟨∇ · v⟩` (the hypervirial theorem). Let `v` be `f(q)` times the direction of an
/// ``InternalMotion`` with the coordinate q, g the slope `∂U/∂q`, minus the force or torque on all
/// that moves. Then, exactly and whatever else acts on the molecule,
///
/// `⟨f g⟩ = kT ⟨f' + c f⟩`.
///
/// With `f = q − q̄`, and any constant `q̄`, bonds and angles each give a temperature: the sum of
/// the left sides over that of the right sides. The mean of q for `q̄` keeps the error small; that
/// it is a mean over the same n frames takes a part of 1/n from the left side, which is given back.
/// Torsions give theirs by the sines and cosines of their first three multiples, each with the
/// weight `⟨f'⟩/⟨(f g)²⟩`, where `⟨f'⟩` is from the other blocks.
///
/// With `f = 1` it says `⟨g⟩ = kT ⟨c⟩`, which hardly depends on the temperature but on every force:
/// stiff bonds hide a wrong solvent or charge from the temperature, not from the mean force.
///
/// Local as they are, the identities also hold where states have other populations than those of
/// equilibrium, but for what little lies between the states.
package struct HypervirialTest: Equatable, Sendable {
  /// By stretching bonds; nil where no bond outside rings changes its length.
  package let bonds: ConfigurationalTemperature?
  package let angles: ConfigurationalTemperature?
  package let torsions: ConfigurationalTemperature?
  /// By all three, each with the weight of its error.
  package let all: ConfigurationalTemperature
  /// How many bonds in no ring have a length that never changes, as constraints (SHAKE) make it;
  /// these are left out.
  package let rigidBonds: Int
  /// Of each kind of motion, the mean force that is the most standard errors away from what it has
  /// to be.
  package let strangest: [MeanForce]
  package let spread: MeanForceSpread

  /// The number of frames below which the spread is not known well enough.
  package static let fewestFrames = 20
  /// The number of frames, one of each stretch, that are looked at, and that of their atoms.
  package static let (mostFrames, mostAtoms) = (12_000, 600_000)
  /// The bias of a mean force that is allowed, in units of the force's fluctuation: those of time
  /// steps of 2 fs with heavy hydrogens are too small to be seen in 12,000 frames.
  package static let allowedForceBias = 0.003
  /// The number of frames below which torsions give no temperature: the noise of their weights would
  /// make it too low.
  private static let fewestFramesForTorsions = 1_000
  /// The number of blocks of consecutive frames.
  private static let mostBlocks = 40
  /// The standard deviation of a rigid bond's length, nm, or angle, rad: far above what rounding and
  /// the tolerance of constraints leave, far below that of a bond that vibrates at 1 K.
  private static let rigidSpread = 1e-5

  /// Tests some frames of a trajectory.
  ///
  /// Exact samples of molecules whose bonds, angles or torsions alone act give their temperature to
  /// within the error, which has the size of the actual spread (HypervirialTestTests).
  ///
  /// - Returns: Nil below ``fewestFrames`` frames, and where nothing can be measured.
  package init?(
    _ trajectory: Trajectory, topology: Topology, energy: Energy, execution: Execution
  ) {
    guard trajectory.frames >= Self.fewestFrames else { return nil }
    let frames = min(
      trajectory.frames, Self.mostFrames, max(Self.fewestFrames, Self.mostAtoms / trajectory.atoms))
    let chosen = stratifiedIndices(count: trajectory.frames, points: frames)
    let parts = MovingPart.all(of: topology)
    let motions = parts.flatMap(\.motions)
    let count = min(Self.mostBlocks, frames)
    let width = 3 * trajectory.atoms
    let blocks = (0..<count).map { block -> [InternalMotionSums] in
      let range = block * frames / count..<(block + 1) * frames / count
      let coordinates = range.flatMap { index -> ArraySlice<Double> in
        let first = chosen[index] * width
        return trajectory.coordinates[first..<first + width]
      }
      let forces = energy.termsAndForces(coordinates: coordinates, execution: execution).forces
      return parallelMap(parts.count, workers: execution.workers) { part, _ in
        parts[part].sums(coordinates, forces, atoms: trajectory.atoms)
      }.flatMap(\.self)
    }
    let samples = motions.indices.map { index in
      MotionSamples(motions[index], blocks.map { $0[index] })
    }
    let moving = samples.filter { $0.spread > Self.rigidSpread && $0.isActedOn }
    func temperature(_ kind: InternalMotion.Kind) -> ConfigurationalTemperature? {
      ConfigurationalTemperature(
        of: moving.filter { $0.motion.kind == kind }, frames: Double(frames))
    }
    (bonds, angles) = (temperature(.bond), temperature(.angle))
    guard let known = bonds ?? angles else { return nil }
    let thermalEnergy = known.kelvin * Constants.gas
    torsions =
      frames < Self.fewestFramesForTorsions
      ? nil
      : ConfigurationalTemperature(ofTorsions: moving.filter { $0.motion.kind == .torsion })
    all = ConfigurationalTemperature(combining: [bonds, angles, torsions].compactMap(\.self))
    rigidBonds = samples.count { $0.motion.kind == .bond && $0.spread <= Self.rigidSpread }
    let forces = moving.compactMap { sample in
      sample.force(thermalEnergy: thermalEnergy, allowedBias: Self.allowedForceBias)
    }
    guard let spread = MeanForceSpread(forces) else { return nil }
    self.spread = spread
    strangest = InternalMotion.Kind.allCases.compactMap { kind in
      forces.map(\.force).filter { $0.motion.kind == kind }
        .max { abs($0.deviation) < abs($1.deviation) }
    }
  }
}
