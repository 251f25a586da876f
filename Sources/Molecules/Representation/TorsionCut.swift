/// Where the circle of one torsion is cut open: the middle of the emptiest arc of its histogram
/// (TorsionCutTests).
///
/// The counts are smoothed with a triangle of ±5 bins. Of the arcs with the smallest smoothed
/// count, the longest is taken, and of equally long ones the first.
///
/// - Parameter counts: The training frames in equal bins over −π … π, [bins].
/// - Returns: An angle in −π … π, rad.
package func emptiestTorsion(counts: [Int]) -> Double {
  let bins = counts.count
  let reach = 5
  precondition(bins > 2 * reach, "\(bins) bins, more than \(2 * reach) expected")
  // Integers, so that equal arcs compare equal.
  let smoothed = (0..<bins).map { bin in
    (-reach...reach).reduce(0) { sum, shift in
      sum + (reach + 1 - abs(shift)) * counts[(bin + shift + bins) % bins]
    }
  }
  let least = smoothed.min() ?? 0
  let starts = (0..<bins).filter {
    smoothed[$0] == least && smoothed[($0 + bins - 1) % bins] > least
  }
  var (bestStart, bestLength) = (0, starts.isEmpty ? bins : 0)
  for start in starts {
    var length = 1
    while smoothed[(start + length) % bins] == least { length += 1 }
    if length > bestLength { (bestStart, bestLength) = (start, length) }
  }
  let middle = (Double(bestStart) + 0.5 * Double(bestLength)) / Double(bins)
  return 2 * .pi * (middle < 1 ? middle : middle - 1) - .pi
}

/// The angle in `[cut, cut + 2π)` that differs from `angle` by a multiple of 2π.
package func unwrappedTorsion(_ angle: Double, cut: Double) -> Double {
  var shifted = angle - 2 * .pi * ((angle - cut) / (2 * .pi)).rounded(.down)
  // Rounding can carry an angle next to the cut over either end.
  if shifted < cut { shifted += 2 * .pi }
  return shifted < cut + 2 * .pi ? shifted : cut
}
