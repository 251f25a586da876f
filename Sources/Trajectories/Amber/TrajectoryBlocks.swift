import TensorFiles

/// Reads a trajectory a block of successive frames after the other, so that a file may be larger
/// than the memory.
///
/// The blocks together are what ``readTrajectory(path:frames:expectedAtoms:keepingBroken:)`` reads,
/// bit by bit (`TrajectoryBlocksTests`). A DCD file is one block.
///
/// - Parameters:
///   - size: The frames of a block; the last may have fewer.
///   - body: Is given each block.
/// - Returns: What there is to say of the file, one line each.
/// - Throws: As `readTrajectory`, and what `body` throws.
package func readTrajectory(
  path: String, blocksOf size: Int, expectedAtoms: Int? = nil, keepingBroken: Bool = false,
  _ body: (Trajectory) throws -> Void
) throws -> [String] {
  precondition(size > 0, "blocks of \(size) frames")
  var bytes = try HeaderBytes(path: path)
  let isDCD = if case .dcd = FileKind(start: try bytes.start(512)) { true } else { false }
  let frames = isDCD ? 0 : try inspectAmberTrajectory(path: path).frames ?? 0
  guard frames > size else {
    let (trajectory, notes) = try readTrajectory(
      path: path, expectedAtoms: expectedAtoms, keepingBroken: keepingBroken)
    try body(trajectory)
    return notes
  }
  var notes: [String] = []
  for first in stride(from: 0, to: frames, by: size) {
    let (trajectory, own) = try readTrajectory(
      path: path, frames: first..<min(first + size, frames), expectedAtoms: expectedAtoms,
      keepingBroken: keepingBroken)
    for note in own where !notes.contains(note) { notes.append(note) }
    try body(trajectory)
  }
  return notes
}
