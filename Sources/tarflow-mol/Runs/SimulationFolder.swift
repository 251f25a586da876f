import Foundation

/// The paths inside the folder of a simulation.
struct SimulationFolder: Equatable {
  let path: String

  var record: String { "\(path)/simulation.yaml" }
  var checkpoint: String { "\(path)/checkpoint.json" }
  var previousCheckpoint: String { "\(path)/checkpoint.previous.json" }
  var energies: String { "\(path)/energies.csv" }
  var summary: String { "\(path)/summary.json" }
  /// The frames, once all are there, and while they are written.
  var trajectory: String { "\(path)/trajectory.nc" }
  var growingTrajectory: String { "\(path)/trajectory.partial.nc" }

  init(path: String) { self.path = path }

  /// A simulation that is there.
  /// - Throws: `CommandError.missing`.
  init(existing path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: record) else {
      throw CommandError.missing(
        what: "simulation", path: path,
        advice: "its folder holds simulation.yaml; `tarflow-mol simulate` makes one")
    }
  }

  func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path: path, reason: systemReason(error))
    }
  }

  var isComplete: Bool { FileManager.default.fileExists(atPath: trajectory) }
}
