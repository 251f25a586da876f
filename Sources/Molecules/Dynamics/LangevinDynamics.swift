import CKernels
import Kernels

/// Langevin dynamics of walkers, each at its own temperature.
///
/// `v += Δt f/m`, `x += ½Δt v`, `v = c v + √(kT (1 − c²)/m) ξ`, `x += ½Δt v`, `c = exp(−γ Δt)`: the "middle"
/// discretisation of Zhang et al. 2019, *J. Phys. Chem. A* 123, 6056, as OpenMM's `LangevinMiddleIntegrator`. No constraints.
/// Velocities are those half a step before the positions; their kinetic energy is ½ kT a degree of freedom on average.
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

  /// Moves all walkers by `steps` steps, on several workers.
  ///
  /// The result depends on neither the workers nor how the steps are divided into calls.
  package func advance(_ walkers: inout Walkers, steps: Int, execution: Execution) {
    precondition(walkers.atoms == energy.atoms, "\(walkers.atoms) atoms, \(energy.atoms) expected")
    let stride = 3 * walkers.atoms * Energy.lanes
    let groups = walkers.positions.count / stride
    let padding = groups * Energy.lanes - walkers.count
    let last = walkers.thermalEnergies[walkers.count - 1]
    let thermal = walkers.thermalEnergies + [Double](repeating: last, count: padding)
    var potentials = [Double](repeating: 0, count: groups * Energy.lanes)
    var kinetics = potentials
    let first = walkers.step
    walkers.positions.withUnsafeMutableBufferPointer { x in
      walkers.velocities.withUnsafeMutableBufferPointer { v in
        potentials.withUnsafeMutableBufferPointer { potentials in
          kinetics.withUnsafeMutableBufferPointer { kinetics in
            thermal.withUnsafeBufferPointer { thermal in
              // Every group has its own stretch of each.
              nonisolated(unsafe) let memory = (x, v, potentials, kinetics, thermal)
              parallel(groups, workers: execution.workers) { group in
                guard let x = memory.0.baseAddress, let v = memory.1.baseAddress,
                  let potentials = memory.2.baseAddress, let kinetics = memory.3.baseAddress,
                  let thermal = memory.4.baseAddress
                else { return }
                let lane = group * Energy.lanes
                energy.molecule.langevin(
                  ck_langevin(
                    time_step: timeStep, friction: friction, seed: seed,
                    stream: RandomStream.dynamics.rawValue, first_walker: UInt32(lane)),
                  masses: masses,
                  walkers: ck_walkers(
                    thermal: thermal + lane, x: x + group * stride, v: v + group * stride,
                    potential: potentials + lane, kinetic: kinetics + lane),
                  step: first, steps: steps)
              }
            }
          }
        }
      }
    }
    walkers.step += steps
    walkers.potentials = Array(potentials.prefix(walkers.count))
    walkers.kinetics = Array(kinetics.prefix(walkers.count))
  }

  /// The temperature that a kinetic energy stands for, K; no degree of freedom is constrained.
  package func temperature(kinetic: Double) -> Double {
    2 * kinetic / (3 * Double(energy.atoms) * Constants.gas)
  }
}
