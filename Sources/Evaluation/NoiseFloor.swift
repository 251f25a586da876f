/// The E-W2 that sampling noise alone makes: the mean distance between two samples of the reference
/// itself.
///
/// Each pair are two independent draws of `count` frames with replacement.
///
/// - Parameters:
///   - reference: Reduced energies of the reference, [frames], kT, finite.
///   - count: The size of each sample.
///   - pairs: How many pairs to average over; the mean of 200 is good to about 2 %.
///   - index: Draws an index below its argument, each equally likely.
/// - Returns: The mean W2, kT.
package func noiseFloor(
  reference: [Double], count: Int, pairs: Int = 200, index: (Int) -> Int
) -> Double {
  precondition(!reference.isEmpty && count > 0 && pairs > 0, "noise floor of no samples")
  let order = reference.indices.sorted { reference[$0] < reference[$1] }
  let sorted = order.map { reference[$0] }
  var rank = Array(repeating: 0, count: order.count)
  for (place, frame) in order.enumerated() { rank[frame] = place }

  // Counting the draws of each rank sorts a sample in linear time.
  func sortedSample() -> [Double] {
    var draws = Array(repeating: 0, count: sorted.count)
    for _ in 0..<count { draws[rank[index(sorted.count)]] += 1 }
    var sample: [Double] = []
    sample.reserveCapacity(count)
    for place in sorted.indices {
      for _ in 0..<draws[place] { sample.append(sorted[place]) }
    }
    return sample
  }
  var sum = 0.0
  for _ in 0..<pairs { sum += distancesOfSorted(sortedSample(), sortedSample()).second }
  return sum / Double(pairs)
}

/// The E-W2 that a perfect sampler would score if its weights had this effective sample size.
///
/// The variance of an empirical quantile goes as one over the sample size. The floor holds two
/// samples of `n` frames, `2/n`; here there are the reference, `1/n`, the weighted proposals,
/// `1/N` with `N` effective samples, and the draw that resamples them, `1/n`: hence
/// `floor·√((2 + n/N)/2)`.
///
/// - Parameters:
///   - floor: The noise floor of `n` frames, kT.
///   - count: How many frames `n` of each set are compared.
///   - effectiveSamples: How many equally weighted samples `N` the proposals are worth.
/// - Returns: kT; nil below ``leastEffectiveSamples``, where the law of large samples does not hold
///   (`WassersteinTests`).
package func perfectDistance(floor: Double, count: Int, effectiveSamples: Double) -> Double? {
  guard effectiveSamples >= leastEffectiveSamples else { return nil }
  return floor * ((2 + Double(count) / effectiveSamples) / 2).squareRoot()
}

/// The least number of effective samples whose quantiles a law of large samples describes.
package let leastEffectiveSamples = 30.0
