/// The edges of bins of equal width.
func edges(from low: Double, to high: Double, _ bins: Int) -> [Double] {
  (0...bins).map { low + (high - low) * Double($0) / Double(bins) }
}

/// Densities over bins of equal width, and the shares below and above them.
func histogram(
  _ values: [Double], weights: [Double], edges: [Double]
) -> (densities: [Double], beyond: (below: Double, above: Double)) {
  let bins = edges.count - 1
  let (low, high) = (edges[0], edges[bins])
  var (sums, below, above, total) = ([Double](repeating: 0, count: bins), 0.0, 0.0, 0.0)
  for (value, weight) in zip(values, weights) where weight > 0 && !value.isNaN {
    total += weight
    if value < low {
      below += weight
    } else if value > high {
      above += weight
    } else {
      sums[min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += weight
    }
  }
  guard total > 0 else { return (sums, (0, 0)) }
  let width = (high - low) / Double(bins)
  return (sums.map { $0 / total / width }, (below / total, above / total))
}
