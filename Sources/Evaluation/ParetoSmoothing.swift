import Foundation

/// Weights whose largest are replaced by the quantiles of the Pareto distribution fitted to them.
///
/// Of M weights above the threshold the m-th smallest becomes the threshold plus
/// `(σ/k) ((1 − (m − ½)/M)^(−k) − 1)`, and no weight exceeds the largest that there was. Averages
/// then have less variance and a small bias. As ArviZ's `psislw` (`WeightFiguresTests`), up to the
/// normalisation.
///
/// - Parameter logWeights: `log w`, [samples]; −∞ for weight zero.
/// - Returns: The smoothed `log w`, [samples]; the same where there is no tail (``ParetoTail``).
/// - SeeAlso: Vehtari et al. 2024, *Pareto Smoothed Importance Sampling*.
package func paretoSmoothed(_ logWeights: [Double]) -> [Double] {
  guard let tail = ParetoTail(logWeights: logWeights), let largest = logWeights.max() else {
    return logWeights
  }
  // As in the fit, what lies above the threshold are the largest weights, in ascending order.
  let order = logWeights.indices.sorted { logWeights[$0] < logWeights[$1] }
  let cut = max(
    logWeights[order[order.count - 1 - ParetoTail.largestCount(of: logWeights.count)]] - largest,
    log(Double.leastNormalMagnitude))
  var smoothed = logWeights
  let (shape, count) = (tail.shape, Double(tail.count))
  for (place, row) in order.suffix(tail.count).enumerated() {
    let left = -log1p(-(Double(place) + 0.5) / count)
    let excess = tail.scale * (abs(shape) < 1e-12 ? left : expm1(shape * left) / shape)
    smoothed[row] = largest + min(0, log(exp(cut) + excess))
  }
  return smoothed
}
