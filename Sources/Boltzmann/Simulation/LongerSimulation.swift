import Foundation
import Runs
import TensorFiles

extension SimulationFolder {
  /// Gives every chain of a simulation another time, longer than what it has done.
  ///
  /// A complete simulation is incomplete afterwards. When it has gone on, its files are those of a
  /// simulation that was to take this time from the start, with the same equilibration
  /// (`LongerSimulationTests`). Record and checkpoints change together or not at all.
  ///
  /// - Parameter time: ps.
  /// - Throws: `RunError.configuration` for a time that is done, `.missing` for one whose frames are
  ///   gone, and what reading and writing throw.
  package func lengthen(to time: Double) throws {
    try withLock(on: path) {
      completeFileSets(in: path)
      let old = try SimulationRecord.read(in: self)
      guard time != old.settings.time else { return }
      let new = old.lasting(time)
      try new.settings.validate()
      let checkpoints = [checkpoint, previousCheckpoint].compactMap { path in
        FileManager.default.contents(atPath: path).flatMap { SimulationCheckpoint($0) }
          .map { (path, $0) }
      }
      let done = checkpoints.map(\.1.step).max() ?? 0
      guard new.settings.steps.total > done else {
        let (settings, steps) = (old.settings, done - old.settings.steps.equilibration)
        let produced = PhysicalTime(picoseconds: Double(max(0, steps)) * settings.timeStep)
        throw RunError.configuration(
          source: path, problem: "has done \(produced) of each chain; expected a longer time")
      }
      // A run may have used the frames up.
      if FileManager.default.fileExists(atPath: summary) { _ = try framesSoFar() }
      // Without a summary it is not complete, whatever happens from here on.
      removeResults(of: old.settings)
      var set = FileSet()
      let settings = try RecordedSettings(new.settings, besides: [])
      for (path, checkpoint) in checkpoints {
        try set.write(try checkpoint.of(settings).text(), path: path)
      }
      try set.write(try yamlText(new), path: record)
      try set.commit()
    }
  }

  /// Removes what only a complete simulation has, but for its frames.
  private func removeResults(of settings: SimulationSettings) {
    let chains = settings.keptRungs.flatMap { rung in
      (0..<settings.chains).map { trajectory(rung: rung, chain: $0) }
    }
    // A report that is there would count as that of the new end.
    for path in [summary, checksums, report, dataFolder(ofPage: report)] + chains {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
