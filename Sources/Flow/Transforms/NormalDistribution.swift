import Foundation

/// ½ log 2π.
package let halfLogTwoPi = 0.918938533204672741780329736405617640

/// `log φ(x)`, the log-density of the standard normal.
package func logNormalDensity(_ x: Double) -> Double { -0.5 * x * x - halfLogTwoPi }

/// `log Φ(x)`, exact to rounding far into the lower tail (x = −1e6 is no problem);
/// `log(1 − Φ(x))` is `logNormalCDF(−x)`.
package func logNormalCDF(_ x: Double) -> Double {
  if x > 0 { return log1p(-0.5 * erfc(x * 0.5.squareRoot())) }
  if x > -25 { return log(0.5 * erfc(-x * 0.5.squareRoot())) }
  // Asymptotic series of the Mills ratio (Abramowitz & Stegun 26.2.12); the first term left out is
  // below 1e-12.
  let r = 1 / (x * x)
  let series = 1 - r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r * (1 - 9 * r))))
  return logNormalDensity(x) - log(-x) + log(series)
}

/// The z with `log Φ(z) = logLower` and `log(1 − Φ(z)) = logUpper`, whichever tail is the smaller.
///
/// Newton's method on `log Φ`, which is concave: from the left of the root it climbs without
/// overshooting.
package func normalQuantile(logLower: Double, logUpper: Double) -> Double {
  if logLower.isNaN || logUpper.isNaN { return .nan }
  guard logLower <= logUpper else { return -normalQuantile(logLower: logUpper, logUpper: logLower) }
  guard logLower > -.infinity else { return -.infinity }
  // Φ(−s) ≤ ½ exp(−s²/2) puts the start on the left.
  var z = -(-2 * logLower).squareRoot()
  for _ in 0..<50 {
    let value = logNormalCDF(z)
    let change = (logLower - value) / exp(logNormalDensity(z) - value)
    z += change
    if abs(change) <= 1e-15 * (1 + abs(z)) { break }
  }
  return z
}

/// `log Σ exp(terms)` without overflow; not a number when a term is not.
func logSumExp(_ terms: [Double]) -> Double {
  guard let top = terms.max(), top != -.infinity else { return -.infinity }
  var sum = 0.0
  for term in terms { sum += exp(term - top) }
  return top + log(sum)
}
