import Boltzmann
import Runs
import RunsTestSupport

/// The settings of 1 ps of AL2, two chains at two temperatures, after 0.1 ps that are not kept.
func acetylRecord(everyRung: Bool = false) throws -> SimulationRecord {
  let molecule = try system("AL2")
  var settings = SimulationSettings(time: 1, temperatures: [300, 500])
  (settings.timeStep, settings.chains) = (0.002, 2)
  (settings.saveEvery, settings.exchangeEvery) = (0.1, 0.02)
  settings.framesOfEveryRung = everyRung
  return try SimulationRecord(
    settings, system: molecule, start: try molecule.startPath(),
    context: CapturedLog().context())
}

/// Simulates that in a folder, from its newest checkpoint if there is one.
@discardableResult
func simulateAcetyl(
  in folder: SimulationFolder, everyRung: Bool = false, _ context: RunContext
) throws -> SimulationSummary {
  try createFolder(folder.path)
  let record = try acetylRecord(everyRung: everyRung)
  return try Simulation(record, system: try system("AL2"), context: context).run(in: folder)
}
