/// The standard error of an estimate from its values without one group of samples each,
/// `√((G−1)/G Σ_g (θ₋g − θ̄)²)`.
///
/// Of a mean over groups of one size it is the standard error of the groups' means
/// (`FreeEnergyTests`).
///
/// - Parameter values: Without each group in turn, [groups].
/// - SeeAlso: Miller 1974, *The Jackknife: A Review*.
package func jackknifeError(_ values: [Double]) -> Double {
  guard values.count > 1 else { return 0 }
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return ((count - 1) / count * squares).squareRoot()
}
