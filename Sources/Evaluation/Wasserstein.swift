/// The Wasserstein distances between two distributions on a line.
package struct WassersteinDistances: Equatable, Sendable {
  /// `W₁ = ∫₀¹ |F⁻¹(t) − G⁻¹(t)| dt`, in the unit of the points.
  package var first: Double
  /// `W₂ = (∫₀¹ (F⁻¹(t) − G⁻¹(t))² dt)^½`, in the unit of the points.
  package var second: Double
}

/// The distances between two samples of equal size and equal weights: sorted points are matched in
/// order.
///
/// - Precondition: Both have the same, positive number of points. A NaN or an infinity makes the
///   result NaN or infinite.
package func wasserstein(_ x: [Double], _ y: [Double]) -> WassersteinDistances {
  precondition(
    x.count == y.count && !x.isEmpty, "wasserstein: \(x.count) points do not meet \(y.count)")
  return distancesOfSorted(x.sorted(), y.sorted())
}

/// The distances between two samples already in ascending order, of equal size and equal weights.
func distancesOfSorted(_ x: [Double], _ y: [Double]) -> WassersteinDistances {
  var (sum, squares) = (0.0, 0.0)
  for index in x.indices {
    let difference = abs(x[index] - y[index])
    sum += difference
    squares += difference * difference
  }
  let count = Double(x.count)
  return WassersteinDistances(first: sum / count, second: (squares / count).squareRoot())
}

/// The distances between two weighted samples of any sizes: both quantile functions are walked
/// together.
///
/// - Parameters:
///   - x: Points, [n].
///   - xWeights: Their weights, [n], up to a constant factor; nil for equal weights.
///   - y: Points, [m].
///   - yWeights: Their weights, [m], up to a constant factor; nil for equal weights.
/// - Precondition: Weights are not negative and have a positive sum; points of positive weight are
///   finite.
package func wasserstein(
  _ x: [Double], weights xWeights: [Double]?, _ y: [Double], weights yWeights: [Double]?
) -> WassersteinDistances {
  let (p, q) = (Quantiles(x, xWeights), Quantiles(y, yWeights))
  var (i, j) = (0, 0)
  var (sum, squares, passed) = (0.0, 0.0, 0.0)
  while i < p.points.count && j < q.points.count {
    let next = min(p.ends[i], q.ends[j])
    let difference = abs(p.points[i] - q.points[j])
    sum += (next - passed) * difference
    squares += (next - passed) * difference * difference
    passed = next
    if p.ends[i] <= next { i += 1 }
    if j < q.points.count && q.ends[j] <= next { j += 1 }
  }
  return WassersteinDistances(first: sum, second: squares.squareRoot())
}

/// A quantile function as steps: `points[k]` from `ends[k − 1]` to `ends[k]`, the last end exactly
/// 1.
private struct Quantiles {
  let points: [Double]
  let ends: [Double]

  init(_ points: [Double], _ weights: [Double]?) {
    let weights = weights ?? Array(repeating: 1, count: points.count)
    precondition(
      weights.count == points.count,
      "wasserstein: \(weights.count) weights for \(points.count) points")
    precondition(weights.allSatisfy { $0 >= 0 }, "wasserstein: a negative weight")
    let order = points.indices.filter { weights[$0] > 0 }.sorted { points[$0] < points[$1] }
    precondition(!order.isEmpty, "wasserstein: no weight is positive")
    let total = order.reduce(0) { $0 + weights[$1] }
    var sum = 0.0
    var ends = order.map { index in
      sum += weights[index]
      return min(sum / total, 1)
    }
    ends[ends.count - 1] = 1
    self.points = order.map { points[$0] }
    self.ends = ends
  }
}
