import Foundation
import Kernels
import Molecules
import Trajectories

/// Energies and forces of many conformations of the embedded systems; of AL3 also with the instructions of older CPUs.
func energyBenchmarks(systems: String) -> [Benchmark] {
  let older = VectorInstructions.allCases.drop { $0 != .best }.dropFirst()
  return ["AL2", "AL3", "AL4", "AL6"].map { energyBenchmark($0, .best, systems: systems) }
    + older.map { energyBenchmark("AL3", $0, systems: systems) }
}

private func energyBenchmark(
  _ system: String, _ instructions: VectorInstructions, systems: String
) -> Benchmark {
  let count = 10_000
  let suffix = instructions == .best ? "" : "-\(instructions)"
  return Benchmark(
    name: "energy/\(system)/batch\(count)/fp64\(suffix)", samples: count, operations: nil
  ) { threads in
    let (molecule, start) = try read(system, systems: systems)
    let energy = Energy(
      molecule.forceField, solvent: solvents[system] ?? .vacuum, instructions: instructions)
    let coordinates = (0..<count).flatMap { _ in start.flatMap { [$0.x, $0.y, $0.z] } }
    return {
      _ = energy.termsAndForces(coordinates: coordinates, execution: Execution(workers: threads))
    }
  }
}

/// Steps of Langevin dynamics of many chains; a sample is one step of one chain.
func dynamicsBenchmarks(systems: String) -> [Benchmark] {
  ["AL2", "AL3", "AL4", "AL6"].map { system in
    let (chains, steps) = (64, 200)
    return Benchmark(
      name: "md/\(system)/chains\(chains)/fp64", samples: chains * steps, operations: nil
    ) { threads in
      let (molecule, start) = try read(system, systems: systems)
      let dynamics = LangevinDynamics(
        energy: Energy(molecule.forceField, solvent: solvents[system] ?? .vacuum),
        masses: molecule.topology.masses, timeStep: 0.001, friction: 1, seed: 1)
      var walkers = Walkers(
        at: start, masses: dynamics.masses,
        thermalEnergies: [Double](repeating: Constants.gas * 300, count: chains), seed: 1)
      return { dynamics.advance(&walkers, steps: steps, execution: Execution(workers: threads)) }
    }
  }
}

/// The implicit solvents of the embedded systems.
private let solvents: [String: ImplicitSolvent] = [
  "AL2": ImplicitSolvent(model: .obc2, solventDielectric: 78.3),
  "AL3": ImplicitSolvent(model: .obc1),
  "AL4": ImplicitSolvent(model: .obc2, solventDielectric: 78.3),
  "AL6": ImplicitSolvent(model: .obc1),
]

private func read(_ system: String, systems: String) throws -> (
  molecule: Prmtop, start: [SIMD3<Double>]
) {
  let folder = "\(systems)/\(system)"
  let molecule = try readPrmtop(path: "\(folder)/topology.prmtop")
  let start = try readAmberRestart(
    path: "\(folder)/start.ncrst", expectedAtoms: molecule.topology.atoms)
  return (molecule, start)
}
