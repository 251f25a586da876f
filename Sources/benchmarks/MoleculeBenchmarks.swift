import Foundation
import Kernels
import Molecules
import Trajectories

/// Energies and forces of many conformations of the embedded systems.
func energyBenchmarks(systems: String) -> [Benchmark] {
  ["AL2", "AL3", "AL4", "AL6"].map { system in
    let count = 10_000
    return Benchmark(
      name: "energy/\(system)/batch\(count)/fp64", samples: count, operations: nil
    ) { threads in
      let (molecule, start) = try read(system, systems: systems)
      let energy = Energy(molecule.forceField, solvent: solvents[system] ?? .vacuum)
      let coordinates = (0..<count).flatMap { _ in start }
      return { _ = energy.termsAndForces(coordinates: coordinates, workers: threads) }
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
  molecule: Prmtop, start: [Double]
) {
  let folder = "\(systems)/\(system)"
  let molecule = try readPrmtop(path: "\(folder)/topology.prmtop")
  let start = try readAmberRestart(
    path: "\(folder)/start.ncrst", expectedAtoms: molecule.topology.atoms)
  return (molecule, start.flatMap { [$0.x, $0.y, $0.z] })
}
