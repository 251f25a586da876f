import Evaluation
import Foundation
import Kernels

/// Weighted states on the way along a path of densities.
struct Particles {
  /// The numbers of a state.
  let width: Int
  /// [particles, width].
  var x: [Float]
  /// log q and log p of each, [particles]; −∞ of p outside its support.
  var base, target: [Double]
  /// The gradient of log p, and of log q where it leads the kernel, [particles, width].
  var targetGradient: [Float]
  var baseGradient: [Float]?
  /// `log w` of each, [particles], from the last resampling on.
  var logWeights: [Double]
  /// Which particle of the beginning each descends from, [particles].
  var ancestors: [Int]
  /// What the weights before the last resampling have come to.
  var logNormalization = 0.0

  var count: Int { logWeights.count }

  /// `log p − log q` of each; −∞ where either has no finite value.
  var logRatios: [Double] {
    zip(target, base).map { target, base in
      let ratio = target - base
      return ratio.isFinite ? ratio : -.infinity
    }
  }

  /// Moves β on: `log w += δ (log p − log q)`.
  mutating func reweigh(by step: Double) {
    for (index, ratio) in logRatios.enumerated() { logWeights[index] += step * ratio }
  }

  /// `log mean w` of all weights since the beginning.
  var logMeanWeight: Double {
    logNormalization + Evaluation.logNormalization(logWeights).value
  }

  /// Replaces the particles by those at the picked rows, with equal weights.
  mutating func resample(_ picks: [Int]) {
    logNormalization = logMeanWeight
    x = rows(x, picks)
    (base, target) = (picks.map { base[$0] }, picks.map { target[$0] })
    targetGradient = rows(targetGradient, picks)
    baseGradient = baseGradient.map { rows($0, picks) }
    ancestors = picks.map { ancestors[$0] }
    logWeights = [Double](repeating: 0, count: picks.count)
  }

  /// Puts the descendants of one ancestor behind each other.
  mutating func gatherFamilies() {
    let order = ancestors.indices.sorted { (ancestors[$0], $0) < (ancestors[$1], $1) }
    let kept = (logWeights, logNormalization)
    resample(order)
    logWeights = order.map { kept.0[$0] }
    logNormalization = kept.1
  }

  private func rows(_ array: [Float], _ picks: [Int]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(picks.count * width)
    for pick in picks { result += array[pick * width..<(pick + 1) * width] }
    return result
  }
}

/// How far β may go in one step, above 0, at most `limit`: to where
/// `(Σ w v)²/(Σ w · Σ w v²) = kept`, `v = exp(δ r)`.
///
/// It is the conditional effective sample size of Zhou, Johansen and Aston 2016 (J. Comput. Graph.
/// Stat. 25, 701). Clashes do not count, whose r lies far below that of the others: their weights
/// vanish however small the step is. (The weights themselves are exact in any case.)
///
/// - Parameters:
///   - logWeights: `log w`, [particles].
///   - logRatios: r, [particles].
func annealingStep(
  logWeights: [Double], logRatios: [Double], kept: Double, limit: Double
) -> Double {
  let finite = logRatios.filter(\.isFinite).sorted()
  guard !finite.isEmpty else { return limit }
  let (lower, upper) = (finite[finite.count / 4], finite[finite.count * 3 / 4])
  let lowest = lower - 20 * (upper - lower + 1)
  let counted = logRatios.indices.filter { logRatios[$0] >= lowest && logWeights[$0].isFinite }
  let weights = normalizedWeights(counted.map { logWeights[$0] })
  guard let largest = counted.map({ logRatios[$0] }).max() else { return limit }
  func share(_ step: Double) -> Double {
    var (sum, squares) = (0.0, 0.0)
    for (weight, index) in zip(weights, counted) {
      let factor = exp(step * (logRatios[index] - largest))
      sum += weight * factor
      squares += weight * factor * factor
    }
    return sum * sum / squares
  }
  guard share(limit) < kept else { return limit }
  // The share falls from 1 as the step grows.
  var (low, high) = (0.0, limit)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if share(middle) < kept { high = middle } else { low = middle }
  }
  return high
}

extension Particles {
  /// The scale of each number of a state from the field that leads the kernel, [width]:
  /// `0.6745/median |g|`, the standard deviation of a normal density; at most 1, that of the
  /// training data; 0 for what is missing.
  ///
  /// - Parameter rows: How many particles to look at.
  func scales(_ position: Double, _ path: AnnealedPath, rows: Int) -> [Double] {
    (0..<width).map { place in
      guard !path.missing.contains(place) else { return 0 }
      let sizes = (0..<min(rows, count)).map { row in
        let index = row * width + place
        return abs(
          pathField(
            position, x: x[index], target: targetGradient[index], base: baseGradient?[index],
            isOnCircle: path.isOnCircle(place)))
      }.filter(\.isFinite).sorted()
      guard !sizes.isEmpty, sizes[sizes.count / 2] > 0 else { return 1 }
      return min(1, max(1e-4, 0.6745 / sizes[sizes.count / 2]))
    }
  }
}
