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

extension AveragedSample {
  /// ``logNormalization(_:)`` of proposals.
  ///
  /// With several runs its error is not below the spread between them, of
  /// `s_g = Σ_{i in g} (w̃ − 1/n)`. Of families, whose sizes are chance, it is the root of
  /// ``familyVariance(_:ancestors:multinomialResamplings:)``, but not below that of independent rows.
  package var logNormalization: Estimate {
    var found = Evaluation.logNormalization(logWeights)
    if let logNormalizationError {
      found.error = logNormalizationError
      return found
    }
    if areFamilies {
      let variance = familyVariance(
        groups.map { weights[$0].reduce(0, +) }, ancestors: rows,
        multinomialResamplings: multinomialResamplings)
      found.error = max(found.error, max(0, variance).squareRoot())
      return found
    }
    let share = 1 / Double(rows)
    found.error = max(
      found.error, spreadVariance(weights.map { $0 - share }, groups).squareRoot())
    return found
  }
}

/// The relative variance of the mean weight of n particles, from what all descendants of each weigh:
/// `(Σ W² − a)/(1 − a)`, `a = 1 − (1 − 1/n)^(r + 1)`.
///
/// With the weights before the last resampling and r multinomial resamplings before these it is
/// unbiased, and may lie below 0 (Lee and Whiteley 2018, Biometrika 105, 609): `a` is the share of
/// pairs of particles that have one ancestor by chance. Systematic resampling of equal weights leaves
/// every particle one descendant, so that it does not count. Of many resamplings, which leave few
/// families, n/4 count: the variance is then too large rather than lost in its noise.
///
/// - Parameters:
///   - families: W, which sum to one; those of ancestors without descendants may be left out.
///   - count: n.
package func familyVariance(
  _ families: [Double], ancestors count: Int, multinomialResamplings: Int = 0
) -> Double {
  guard count > 1 else { return 0 }
  let squares = families.reduce(0) { $0 + $1 * $1 }
  let resamplings = Double(min(multinomialResamplings, count / 4))
  let chance = -expm1((resamplings + 1) * log1p(-1 / Double(count)))
  return (squares - chance) / (1 - chance)
}

/// The free energy of one target above another, `f_b − f_a = −log(Z_b/Z_a)`, from the weights that
/// the same proposals have for both.
///
/// By the delta method the error is `√(n/(n − 1) Σ (w̃_b − w̃_a)²)`, with normalised weights. What the
/// two targets have in common cancels. With several runs the error is not below the spread between
/// them, of `s_g = Σ_{i in g} (w̃_b − w̃_a)`.
///
/// - Parameters:
///   - a: `log w` for the one, [samples], at least one above −∞.
///   - b: `log w` for the other, of the same proposals.
///   - runs: How many proposals each flow made; all are of one flow by default.
package func freeEnergyDifference(
  from a: [Double], to b: [Double], runs: [Int]? = nil
) -> Estimate {
  precondition(a.count == b.count, "\(a.count) weights do not meet \(b.count)")
  let groups = AveragedSample(proposals: a, runs: runs).groups
  let terms = zip(normalizedWeights(a), normalizedWeights(b)).map { $1 - $0 }
  let (count, squares) = (Double(a.count), terms.reduce(0) { $0 + $1 * $1 })
  return Estimate(
    value: logNormalization(a).value - logNormalization(b).value,
    error: max(squares * count / max(1, count - 1), spreadVariance(terms, groups)).squareRoot())
}
