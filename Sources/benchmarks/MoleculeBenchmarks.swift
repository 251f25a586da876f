import Boltzmann
import Kernels
import Molecules
import Trajectories

/// Energies and forces of many conformations of the embedded systems; of AL3 also with the
/// instructions of older CPUs, of AL6 also in other solvents.
func energyBenchmarks(systems: String, divisor: Int) -> [Benchmark] {
  let older = VectorInstructions.allCases.drop { $0 != .best }.dropFirst()
  let count = max(1, 10_000 / divisor)
  return ["AL2", "AL3", "AL4", "AL6"].map { energyBenchmark($0, count, .best, systems: systems) }
    + older.map { energyBenchmark("AL3", count, $0, systems: systems) }
    + ImplicitSolvent.Model.allCases.flatMap { model in
      [0, 1.0].prefix(model == .none ? 1 : 2).map {
        energyBenchmark("AL6", count, .best, model, kappa: $0, systems: systems)
      }
    }
}

private func energyBenchmark(
  _ name: String, _ count: Int, _ instructions: VectorInstructions,
  _ model: ImplicitSolvent.Model? = nil, kappa: Double = 0, systems: String
) -> Benchmark {
  let suffix =
    (instructions == .best ? "" : "-\(instructions)") + (model.map { "-\($0)" } ?? "")
    + (kappa > 0 ? "-salt" : "")
  return Benchmark(
    name: "energy/\(name)/batch\(count)/fp64\(suffix)", samples: count, operations: nil
  ) { threads in
    let (system, start) = try read(name, systems: systems)
    var solvent = try system.description.solvent(path: system.descriptionPath)
    if let model { solvent.model = model }
    solvent.inverseDebyeLength = kappa
    let energy = Energy(system.prmtop.forceField, solvent: solvent, instructions: instructions)
    let coordinates = (0..<count).flatMap { _ in start.flatMap { [$0.x, $0.y, $0.z] } }
    let execution = Execution(workers: threads)
    return { _ = energy.termsAndForces(coordinates: coordinates, execution: execution) }
  }
}

/// Steps of Langevin dynamics of many chains; a sample is one step of one chain.
func dynamicsBenchmarks(systems: String, divisor: Int) -> [Benchmark] {
  ["AL2", "AL3", "AL4", "AL6", "CLN"].map { name in
    let (chains, steps) = (64, max(1, 200 / divisor))
    return Benchmark(
      name: "md/\(name)/chains\(chains)/mixed", samples: chains * steps, operations: nil
    ) { threads in
      let (system, start) = try read(name, systems: systems)
      let dynamics = LangevinDynamics(
        energy: system.energy, masses: system.topology.masses, timeStep: 0.001, friction: 1,
        seed: 1)
      var walkers = Walkers(
        at: start, masses: dynamics.masses,
        thermalEnergies: [Double](repeating: Constants.gas * 300, count: chains), seed: 1)
      let execution = Execution(workers: threads)
      return { dynamics.advance(&walkers, steps: steps, execution: execution) }
    }
  }
}

private func read(
  _ name: String, systems: String
) throws -> (system: MolecularSystem, start: [SIMD3<Double>]) {
  let system = try MolecularSystem(folder: "\(systems)/\(name)")
  let start = try readAmberRestart(
    path: try system.startPath(), expectedAtoms: system.topology.atoms)
  return (system, start)
}
