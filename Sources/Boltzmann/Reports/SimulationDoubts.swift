import Kernels
import Trajectories

/// Time of all chains together below which frames are not tested, ps: the first picoseconds are
/// colder, and what follows each other is alike, so that the errors are not known.
private let leastTime = 800.0
/// Time of each chain, ps.
private let leastChainTime = 50.0

/// What speaks against the frames of a simulation as samples of its system's Boltzmann distribution,
/// a clause each: a time step that is too long, or too little equilibration.
///
/// Of 67 correct simulations of 800 ps of all chains together, none has any. Shorter ones, and those
/// at constant energy, are not tested (`SimulationDoubtsTests`).
func simulationDoubts(
  _ trajectory: Trajectory, of system: MolecularSystem, _ settings: SimulationSettings,
  execution: Execution
) -> [String] {
  let rounds = trajectory.frames / settings.chains
  let time = Double(rounds) * settings.saveEvery
  guard settings.friction > 0, time >= leastChainTime,
    time * Double(settings.chains) >= leastTime
  else { return [] }
  return equilibriumFindings(trajectory, of: system, execution: execution).map { finding in
    switch finding {
    case .contradiction(let problem), .doubt(let problem): problem
    }
  }
}
