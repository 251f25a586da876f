/// How weighted proposals are turned into a sample of equal weights.
package enum Resampling: String, CaseIterable, Codable, Sendable {
  /// Independent draws with replacement: the benchmark's way, one more source of noise.
  case multinomial
  /// Evenly spaced positions along the cumulated weights: no randomness, the least noise.
  case systematic
}

/// Picks rows at the positions `(i + offset)/n` along the cumulated weights, `i = 0 … n − 1`.
///
/// Row `k` is picked `⌊n·w[k]⌋` or `⌈n·w[k]⌉` times (to within one), in ascending order.
///
/// - Parameters:
///   - weights: Normalised weights, [rows], in the order of the frames.
///   - count: How many rows `n` to pick, as many as there are by default.
///   - offset: From 0 to 1; a uniform random number makes the expected numbers exactly `n·w[k]`.
/// - Returns: Row indices, [count].
package func systematicPicks(
  _ weights: [Double], count: Int? = nil, offset: Double = 0.5
) -> [Int] {
  let cumulated = cumulatedSums(weights)
  let count = count ?? weights.count
  var picks: [Int] = []
  picks.reserveCapacity(count)
  var row = 0
  for index in 0..<count {
    let position = (Double(index) + offset) / Double(count)
    while row < weights.count - 1 && cumulated[row] < position { row += 1 }
    picks.append(row)
  }
  return picks
}

/// Draws rows with replacement, each with a probability equal to its weight.
///
/// - Parameters:
///   - weights: Weights, [rows], up to a constant factor.
///   - count: How many rows to draw.
///   - uniform: Draws a number from 0 to 1, 1 excluded.
/// - Returns: Row indices, [count], in the order of the draws.
/// - Precondition: The weights have a positive, finite sum.
package func multinomialPicks(
  _ weights: [Double], count: Int, uniform: () -> Double
) -> [Int] {
  var cumulated = cumulatedSums(weights)
  let total = cumulated.last ?? 0
  precondition(total > 0 && total.isFinite, "multinomial: the weights sum to \(total)")
  for index in cumulated.indices { cumulated[index] /= total }
  return (0..<count).map { _ in
    let position = uniform()
    // The first row whose cumulated weight exceeds the position: a row of weight zero never does.
    var (low, high) = (0, cumulated.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulated[middle] > position { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

private func cumulatedSums(_ numbers: [Double]) -> [Double] {
  var sum = 0.0
  return numbers.map { number in
    sum += number
    return sum
  }
}
