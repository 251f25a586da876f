import Foundation
import Runs

/// What a run that has begun is, whether or not its frames are simulated yet.
package struct BegunRun {
  package let configuration: RunConfiguration
  package let system: MolecularSystem
  /// The model that it begins with, which may be gone; nil for random weights.
  package let initial: InputFile?
  private let folder: RunFolder
  /// The settings of its simulation while that is pending.
  private let pendingSimulation: SimulationSettings?

  /// - Throws: `RunError`.
  package init(_ run: String) throws {
    folder = RunFolder(path: run)
    let pending = try PendingRun.read(in: run)
    pendingSimulation = pending?.simulation
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
  }

  /// The settings of the simulation of its own; nil where there is none, or its folder is gone.
  package var simulation: SimulationSettings? {
    get throws {
      // Its own record comes first: a simulation may have been given another time.
      try exists(folder.simulation.record)
        ? SimulationRecord.read(in: folder.simulation).settings : pendingSimulation
    }
  }

  /// Whether it learns from frames that it simulates.
  ///
  /// - Parameter simulation: The settings of the simulation of its own.
  package func simulatesFrames(_ simulation: SimulationSettings?) -> Bool {
    // Without frames of a ladder, dynamics at one temperature say how far coordinates reach.
    let isOfEnergy =
      configuration.learnsFromEnergy && (simulation?.temperatures.count ?? 1) == 1
    return !isOfEnergy && (simulation != nil || exists(folder.simulatedTraining))
  }
}

private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
