/// An even subset of frames, `⌊i·m/points⌋` for `i = 0 … points − 1`, or all of them if there are
/// no more.
///
/// - Parameters:
///   - count: The number `m` of frames.
///   - points: How many are wanted.
package func stridedIndices(count: Int, points: Int) -> [Int] {
  count > points ? (0..<points).map { $0 * count / points } : Array(0..<count)
}

/// One frame of each of `points` stretches of equal length, or all frames if there are no more.
///
/// Stretch `i` is `⌊i·m/points⌋ ..< ⌊(i + 1)·m/points⌋`, and the place in it the fractional part of
/// `i·(√5 − 1)/2`, whose values fill 0 … 1 evenly. A fixed stride would not do for the frames of
/// several chains that take turns: with 8 chains and a stride of 4 it sees two of them.
///
/// - Parameters:
///   - count: The number `m` of frames.
///   - points: How many are wanted.
/// - Returns: Frame numbers in rising order.
package func stratifiedIndices(count: Int, points: Int) -> [Int] {
  guard count > points else { return Array(0..<count) }
  let goldenRatio = (5.0.squareRoot() - 1) / 2
  return (0..<points).map { i in
    let (first, end) = (i * count / points, (i + 1) * count / points)
    let place = (Double(i) * goldenRatio).truncatingRemainder(dividingBy: 1)
    return first + Int(place * Double(end - first))
  }
}
