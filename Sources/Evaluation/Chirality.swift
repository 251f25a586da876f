/// The share of frames all of whose centres have the expected handedness.
///
/// A force field without CMAP gives a molecule and its mirror image the same energy, so that
/// reweighting cannot mend a wrong one.
///
/// - Parameters:
///   - signs: The signs of the frames, [frames, centres].
///   - expected: The signs of the reference's first frame, [centres].
///   - frames: The number of frames, at least 1.
/// - Returns: A number from 0 to 1; 1 for a molecule without such centres.
package func correctChirality(_ signs: [Int], expected: [Int], frames: Int) -> Double {
  let centers = expected.count
  precondition(
    frames > 0 && signs.count == frames * centers,
    "chirality: \(signs.count) signs for \(frames) frames of \(centers) centres")
  let correct = (0..<frames).count { frame in
    signs[frame * centers..<(frame + 1) * centers].elementsEqual(expected)
  }
  return Double(correct) / Double(frames)
}
