import CKernels
import Kernels

/// Langevin dynamics of walkers, each at its own temperature.
///
/// `v += Δt f/m`, `x += ½Δt v`, `v = c v + √(kT (1 − c²)/m) ξ`, `x += ½Δt v`, `c = exp(−γ Δt)`: the
/// "middle" discretisation of Zhang et al. 2019, *J. Phys. Chem. A* 123, 6056, as OpenMM's
/// `LangevinMiddleIntegrator`. There are no constraints. Velocities are those half a step before
/// the positions; their kinetic energy is ½ kT per degree of freedom on average.
package struct LangevinDynamics: Sendable {
  package let energy: Energy
  /// u, [atoms].
  package let masses: [Double]
  /// Δt, ps.
  package let timeStep: Double
  /// γ, ps⁻¹; 0 is dynamics at constant energy.
  package let friction: Double
  package let seed: UInt64

  package init(
    energy: Energy, masses: [Double], timeStep: Double, friction: Double, seed: UInt64
  ) {
    precondition(masses.count == energy.atoms, "\(masses.count) masses, \(energy.atoms) atoms")
    self.energy = energy
    self.masses = masses
    self.timeStep = timeStep
    self.friction = friction
    self.seed = seed
  }

  /// Moves all walkers by `steps` steps, on several workers of several ranks.
  ///
  /// The result depends on neither of them, nor on how the steps are divided into calls. Forces
  /// between pairs of atoms are computed in single precision, everything else in double. For small
  /// steps the walkers sample the Boltzmann distribution of their temperatures, and without
  /// friction they keep their total energies (DynamicsTests).
  package func advance(
    _ walkers: inout Walkers, steps: Int, execution: Execution, ranks: Ranks = .alone
  ) {
    precondition(walkers.atoms == energy.atoms, "\(walkers.atoms) atoms, \(energy.atoms) expected")
    let step = walkers.step
    walkers.updateGroups(execution: execution, ranks: ranks) { first, groups, walkers in
      let settings = ck_langevin(
        time_step: timeStep, friction: friction, seed: seed,
        stream: RandomStream.dynamics.rawValue, first_walker: UInt32(first))
      energy.molecule.langevin(
        settings, masses: masses, walkers: walkers, groups: groups, step: step, steps: steps)
    }
    walkers.step += steps
  }

  /// The temperature that a kinetic energy stands for, K; no degree of freedom is constrained.
  package func temperature(kinetic: Double) -> Double {
    2 * kinetic / (3 * Double(energy.atoms) * Constants.gas)
  }
}
