import Foundation
import Reporting
import Runs
import TensorFiles
import Trajectories

extension SimulationFolder {
  /// The frames of one chain at a temperature of the ladder, in order of time; chains count from 1
  /// in the names.
  package func trajectory(rung: Int, chain: Int) -> String {
    let whole = trajectory(rung: rung)
    return "\(whole.dropLast(3)).chain\(chain + 1).nc"
  }

  /// Writes the trajectory of a complete simulation once more, with a file for each chain, in order
  /// of time (`ChainFilesTests`).
  ///
  /// Each file gets its name when it is complete; one that is there is replaced.
  ///
  /// - Returns: The paths.
  /// - Throws: `TrajectoryError` or `FileError`.
  @discardableResult
  package func writeChains(
    _ record: SimulationRecord, title: String, context: RunContext
  ) throws -> [String] {
    let settings = record.settings
    return try settings.keptRungs.flatMap { rung in
      try writeChains(rung: rung, settings, title: title, context: context)
    }
  }

  private func writeChains(
    rung: Int, _ settings: SimulationSettings, title: String, context: RunContext
  ) throws -> [String] {
    let whole = trajectory(rung: rung)
    try ChecksumList.check(whole)
    let (chains, frames) = (settings.chains, settings.frames)
    let temperature = settings.framesOfEveryRung ? settings.temperatures[rung] : nil
    let (paths, growing) = (
      (0..<chains).map { trajectory(rung: rung, chain: $0) },
      (0..<chains).map { trajectory(rung: rung, chain: $0) + ".partial" }
    )
    var files: [GrowingTrajectory] = []
    // Some thousand frames at a time.
    let step = max(1, 4_096 / chains) * chains
    for first in stride(from: 0, to: frames, by: step) {
      let range = first..<min(first + step, frames)
      let part = try readAmberTrajectory(path: whole, frames: range).trajectory
      if files.isEmpty {
        files = try (0..<chains).map { chain in
          try GrowingTrajectory(
            creating: growing[chain], atoms: part.atoms, hasTemperatures: temperature != nil,
            programVersion: context.version, title: "\(title), chain \(chain + 1) of \(chains)")
        }
      }
      for (chain, file) in files.enumerated() {
        // At each time stands one frame of every chain.
        let own = part.selected(stride(from: chain, to: part.frames, by: chains))
        try file.append(
          own.coordinates, times: own.times,
          chains: [Int32](repeating: Int32(chain), count: own.frames),
          temperatures: temperature.map { [Double](repeating: $0, count: own.frames) })
      }
    }
    for file in files { try file.flush() }
    files = []
    for (old, new) in zip(growing, paths) { try renameDurably(from: old, to: new) }
    return paths
  }
}
