/// The quantile of some numbers, interpolated linearly between order statistics.
///
/// With sorted `x[0…n−1]` and `h = (n − 1)·fraction` it is `x[⌊h⌋] + (h − ⌊h⌋)(x[⌊h⌋+1] − x[⌊h⌋])`,
/// computed from the nearer end, so that it equals NumPy's default to the last bit.
///
/// - Precondition: There is at least one number, none is NaN, and `fraction` lies in 0…1.
/// - SeeAlso: Hyndman and Fan 1996, *Sample Quantiles in Statistical Packages*, definition 7.
package func quantile(_ numbers: [Double], _ fraction: Double) -> Double {
  precondition(!numbers.isEmpty, "quantile of no numbers")
  precondition((0...1).contains(fraction), "quantile: fraction \(fraction) outside 0…1")
  let sorted = numbers.sorted()
  let place = Double(sorted.count - 1) * fraction
  let below = Int(place.rounded(.down))
  let (low, high) = (sorted[below], sorted[min(below + 1, sorted.count - 1)])
  let part = place - Double(below)
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
}
