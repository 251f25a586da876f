import Evaluation
import Logging
import Runs

/// Which frames of its only trajectory a training holds out: the last fifth, in one block.
///
/// Frames that follow each other are alike. Had the frames been picked at random, those that are
/// compared with would have neighbours among those that are trained on, and a flow that remembers
/// its frames would look good.
package struct HeldOutFrames: Codable, Equatable, Sendable {
  /// The first frame that is held out, from 0; those before it are trained on.
  package let first: Int
  /// The number of frames of the trajectory.
  package let end: Int

  private enum CodingKeys: String, CodingKey {
    case first = "first_frame"
    case end = "frames_of_trajectory"
  }

  /// Frames that are plenty for a comparison: the benchmark's figures are of so many.
  private static let mostFrames = 10_000

  /// - Returns: Nil for a trajectory of fewer than two frames.
  package init?(ofFrames count: Int) {
    guard count >= 2 else { return nil }
    (first, end) = (count - max(1, count / 5), count)
  }

  /// The numbers of the frames that are compared with: those that are held out, in their order, or
  /// one of each of 10,000 stretches of them.
  package var compared: [Int] {
    Self.plenty(of: end - first).map { first + $0 }
  }

  /// Of so many frames those that are compared with, or that a training validates with: all, or one of
  /// each of 10,000 stretches.
  static func plenty(of count: Int) -> [Int] {
    stratifiedIndices(count: count, points: mostFrames)
  }

  /// Checks the number of frames that were read, and that the fifth of them is held out that every
  /// run holds out.
  /// - Throws: `RunError.badData` when it is another one.
  func checkCount(_ found: Int, path: String) throws(RunError) {
    guard found == end else {
      throw .badData(
        path: path, problem: "has \(found) frames, the run began with \(end); start a new run")
    }
    guard let wanted = HeldOutFrames(ofFrames: end), wanted != self else { return }
    throw .badData(
      path: path,
      problem: "has \(end) frames, of which those from \(wanted.first) on are held out, but the "
        + "run's record says from \(first) on; restore it, or start a new run")
  }

  /// Says what is held out, and what the frames are worth: a warning when that is little.
  func note(_ correlation: FrameCorrelation, path: String, to log: Logger) {
    log.info(
      """
      there is no reference: the last \(end - first) of \(end) frames of \(path) are held out to \
      compare with, the first \(first) are trained on
      """)
    if correlation.areFew {
      log.warning(
        """
        \(path): \(correlation.text); simulate longer, from several starts, or compare with a \
        simulation of its own
        """)
    } else {
      log.info("\(correlation.text)")
    }
  }
}
