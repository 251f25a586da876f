import Foundation

/// `log Z = log mean w` over proposals, those of weight zero included, nats.
///
/// Z is the integral of `exp(−u)` over what the density q of the proposals is a density over. Its
/// error is `√((1/ESS − 1)/n)`, from the relative variance of one weight. For frames of an ensemble
/// and `log w` the negative of the work to another, it is minus that free energy by exponential
/// averaging (Zwanzig 1954).
///
/// - Parameter logWeights: `log w = −u − log q`, [samples].
/// - Returns: `−∞ ± 0` if every weight is zero.
package func logNormalization(_ logWeights: [Double]) -> Estimate {
  precondition(!logWeights.isEmpty, "log Z of no proposals")
  let largest = logWeights.max() ?? 0
  guard largest > -.infinity else { return Estimate(value: -.infinity, error: 0) }
  let mean = logWeights.reduce(0) { $0 + exp($1 - largest) } / Double(logWeights.count)
  // The relative variance of one weight is 1/ESS − 1.
  let relative = max(0, 1 / effectiveSampleSize(logWeights) - 1)
  return Estimate(
    value: largest + log(mean), error: (relative / Double(logWeights.count)).squareRoot())
}

/// The free energy of one target above another, `f_b − f_a = −log(Z_b/Z_a)`, from the weights that
/// the same proposals have for both.
///
/// By the delta method the error is `√(n/(n − 1) Σ (w̃_b − w̃_a)²)`, with normalised weights. What the
/// two targets have in common cancels.
///
/// - Precondition: There are as many weights for one as for the other, and both have one above zero.
package func freeEnergyDifference(from a: [Double], to b: [Double]) -> Estimate {
  precondition(a.count == b.count, "\(a.count) weights do not meet \(b.count)")
  let squares = zip(normalizedWeights(a), normalizedWeights(b)).reduce(0) {
    $0 + ($1.1 - $1.0) * ($1.1 - $1.0)
  }
  let count = Double(a.count)
  return Estimate(
    value: logNormalization(a).value - logNormalization(b).value,
    error: (squares * count / max(1, count - 1)).squareRoot())
}
