import Foundation
import Runs

/// The paths inside the folder of a simulation.
package struct SimulationFolder: Equatable, Sendable {
  package let path: String

  package var record: String { "\(path)/simulation.yaml" }
  package var checkpoint: String { "\(path)/checkpoint.json" }
  package var previousCheckpoint: String { "\(path)/checkpoint.previous.json" }
  package var energies: String { "\(path)/energies.csv" }
  package var summary: String { "\(path)/summary.json" }
  /// The frames, once all are there, and while they are written.
  package var trajectory: String { "\(path)/trajectory.nc" }
  package var growingTrajectory: String { "\(path)/trajectory.partial.nc" }

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

  package var isComplete: Bool { FileManager.default.fileExists(atPath: trajectory) }
}
