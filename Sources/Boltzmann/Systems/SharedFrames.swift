import Logging
import Reporting
import Trajectories

/// How many frames of a reference are frames that a model was trained on, in every digit.
struct SharedFrames: Equatable {
  private(set) var count = 0
  private(set) var frames = 0

  /// - Parameter trained: The hashes of the frames that were trained on (``frameHashes(_:)``).
  init(of reference: Trajectory, with trained: Set<UInt64>) { add(reference, trained) }

  /// Reads both trajectories a block at a time.
  ///
  /// - Parameter end: The first frame of `training` that was not trained on; nil for all.
  /// - Throws: `TrajectoryError`.
  init(of reference: String, with training: String, upTo end: Int?, atoms: Int) throws {
    let block = 10_000
    var trained: Set<UInt64> = []
    var left = end ?? .max
    _ = try readTrajectory(path: training, blocksOf: block, expectedAtoms: atoms) { frames in
      trained.formUnion(frameHashes(frames).prefix(left))
      left = max(0, left - frames.frames)
    }
    _ = try readTrajectory(path: reference, blocksOf: block, expectedAtoms: atoms) { frames in
      add(frames, trained)
    }
  }

  private mutating func add(_ reference: Trajectory, _ trained: Set<UInt64>) {
    count += frameHashes(reference).count { trained.contains($0) }
    frames += reference.frames
  }

  /// Warns where there is more than one such frame: a single one may be the start of both.
  func warn(of reference: String, log: Logger) {
    guard count > 1 else { return }
    log.warning(
      """
      \(reference): \(count) of its \(frames.counted("frame")) are frames of the training \
      trajectory, which flatter the model; simulate the reference with another --seed
      """)
  }
}
