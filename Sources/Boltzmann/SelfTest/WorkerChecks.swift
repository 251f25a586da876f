import Kernels
import Molecules

/// How many numbers of a result have other bits with two or three workers than with one.
func workerDeviation(_ numbers: (_ workers: Int) throws -> [Double]) rethrows -> Double {
  let one = try numbers(1)
  return try [2, 3].map { differingBits(try numbers($0), one) }.max() ?? 0
}

/// Positions and velocities after some steps of dynamics of 17 walkers.
func simulatedNumbers(_ molecule: CheckedMolecule, workers: Int) -> [Double] {
  let (system, width) = (molecule.system, 3 * molecule.system.topology.atoms)
  let masses = system.topology.masses
  let start = stride(from: 0, to: width, by: 3).map {
    SIMD3(
      molecule.coordinates[$0], molecule.coordinates[$0 + 1], molecule.coordinates[$0 + 2])
  }
  let dynamics = LangevinDynamics(
    energy: system.energy, masses: masses, timeStep: 0.001, friction: 1, seed: 8)
  var walkers = Walkers(
    at: start, masses: masses,
    thermalEnergies: [Double](repeating: system.thermalEnergy, count: 17), seed: 8)
  dynamics.advance(&walkers, steps: 20, execution: Execution(workers: workers))
  return walkers.positions + walkers.velocities
}
