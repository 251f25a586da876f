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
    func read(_ path: String, upTo end: Int?, _ body: (Trajectory) -> Void) throws {
      let (count, block) = (try trajectoryFrames(path: path), 10_000)
      let last = min(count, end ?? count)
      for first in stride(from: 0, to: last, by: block) {
        body(
          try readTrajectory(
            path: path, frames: first..<min(first + block, last), expectedAtoms: atoms
          ).trajectory)
      }
    }
    var trained: Set<UInt64> = []
    try read(training, upTo: end) { trained.formUnion(frameHashes($0)) }
    try read(reference, upTo: nil) { add($0, trained) }
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
