import Foundation
import Runs
import TensorFiles

/// The paths inside the folder of a simulation.
package struct SimulationFolder: Equatable, Sendable {
  package let path: String

  package var record: String { "\(path)/simulation.yaml" }
  package var checkpoint: String { "\(path)/checkpoint.json" }
  package var previousCheckpoint: String { "\(path)/checkpoint.previous.json" }
  package var energies: String { energies(rung: 0) }
  package var summary: String { "\(path)/summary.json" }
  /// The report; the numbers of its figures lie in the folder `report` beside it.
  package var report: String { "\(path)/report.html" }
  /// The checksums of the files of a complete simulation.
  package var checksums: String { "\(path)/\(ChecksumList.name)" }
  /// The frames, once all are there, and while they are written.
  package var trajectory: String { trajectory(rung: 0) }
  package var growingTrajectory: String { growingTrajectory(rung: 0) }

  package init(path: String) { self.path = path }

  /// A simulation that is there.
  /// - Throws: `RunError.missing`.
  package init(existing path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: record) else {
      throw RunError.missing(
        what: "simulation", path: path,
        advice: "its folder holds simulation.yaml; `tarflow-mol simulate` writes one")
    }
  }

  /// The frames at a temperature of the ladder and their energies; those at the first have the
  /// plain names.
  package func trajectory(rung: Int) -> String { "\(path)/trajectory\(suffix(rung)).nc" }
  package func growingTrajectory(rung: Int) -> String {
    "\(path)/trajectory\(suffix(rung)).partial.nc"
  }
  package func energies(rung: Int) -> String { "\(path)/energies\(suffix(rung)).csv" }

  private func suffix(_ rung: Int) -> String { rung == 0 ? "" : ".rung\(rung + 1)" }

  /// Whether the trajectory and the summary are there; the trajectory gets its name last.
  package var isComplete: Bool {
    [trajectory, summary].allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  /// The frames at the first temperature, of a simulation that is complete or still runs.
  /// - Throws: `RunError.missing` when there are none, as in a run that took them for its training.
  package func framesSoFar() throws(RunError) -> String {
    for path in [trajectory, growingTrajectory] where FileManager.default.fileExists(atPath: path) {
      return path
    }
    throw .missing(
      what: "trajectory of the simulation", path: trajectory,
      advice: "the frames of a run's own simulation become training.nc and reference.nc of the run")
  }
}
