/// The handedness of tetrahedral centres, `+1` or `−1`; 0 for a flat or undefined one.
///
/// The sign of the triple product `((N − CA) × (C − CA)) · (CB − CA)`. A force field without CMAP gives a molecule
/// and its mirror image the same energy, so that reweighting cannot mend a wrong one.
///
/// - Parameters:
///   - coordinates: Positions, [frames, atoms, 3], in any unit of length. A NaN is taken as 0 and an infinity as the
///     largest number (NumPy's `nan_to_num`), so that broken frames need not be taken out first.
///   - atoms: The number of atoms of a frame.
///   - centers: The atoms N, CA, C, CB of each centre, [centres].
/// - Returns: The signs, [frames, centres].
package func chiralitySigns(
  _ coordinates: [Double], atoms: Int, centers: [SIMD4<Int32>]
) -> [Int] {
  let finite = coordinates.map { coordinate in
    coordinate.isNaN
      ? 0 : max(-.greatestFiniteMagnitude, min(coordinate, .greatestFiniteMagnitude))
  }
  let volumes = mapQuadruples(finite, atoms: atoms, centers) { n, ca, c, cb in
    dot(cross(n - ca, c - ca), cb - ca)
  }
  return volumes.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
}

/// The share of frames all of whose centres have the expected handedness.
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
