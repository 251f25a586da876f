import Foundation
import Runs

/// What a run that has begun is, whether or not its frames are simulated yet.
package struct BegunRun {
  package let configuration: RunConfiguration
  package let system: MolecularSystem
  /// The model that it begins with, which may be gone; nil for random weights.
  package let initial: InputFile?
  /// The settings of the simulation of its own; nil where there is none, or its folder is gone.
  package let simulation: SimulationSettings?
  /// Whether it learns from frames that it simulates.
  package let simulatesFrames: Bool

  /// - Throws: `RunError`.
  package init(_ run: String) throws {
    let folder = RunFolder(path: run)
    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
    let pending = try PendingRun.read(in: run)
    if let pending {
      configuration = pending.configuration
      system = try MolecularSystem(folder: pending.system)
      initial = try pending.initialModel
    } else {
      let record = try MoleculeRecord.read(in: RunFolder(existing: run))
      configuration = record.configuration
      system = try record.readSystem()
      initial = record.initial
    }
    // Its own record comes first: a simulation may have been given another time.
    simulation =
      exists(folder.simulation.record)
      ? try SimulationRecord.read(in: folder.simulation).settings : pending?.simulation
    // Without frames of a ladder, dynamics at one temperature say how far coordinates reach.
    let isOfEnergy = configuration.learnsFromEnergy && simulation?.temperatures.count == 1
    simulatesFrames = !isOfEnergy && (simulation != nil || exists(folder.simulatedTraining))
  }
}
