import Foundation

/// Kish's effective sample size as a share of the sample, `(Σ w)² / (n Σ w²)`.
///
/// It is 1 for equal weights and `1/n` when one weight carries everything. Rows of weight zero
/// count in `n`.
///
/// - Parameter logWeights: `log w`, [samples], up to one constant.
/// - Returns: A number in `1/n … 1`; 0 if there is no sample or every weight is zero.
/// - SeeAlso: Kish 1965, *Survey Sampling*.
package func effectiveSampleSize(_ logWeights: [Double]) -> Double {
  guard let largest = logWeights.max(), largest > -.infinity else { return 0 }
  var (sum, squares) = (0.0, 0.0)
  for logWeight in logWeights {
    let weight = exp(logWeight - largest)
    sum += weight
    squares += weight * weight
  }
  return sum * sum / squares / Double(logWeights.count)
}

/// The share of the total weight that the heaviest sample carries, `max w / Σ w`.
///
/// - Returns: A number in `1/n … 1`; 0 if there is no sample or every weight is zero.
package func largestWeightShare(_ logWeights: [Double]) -> Double {
  normalizedWeights(logWeights).max() ?? 0
}

extension LogWeights {
  /// The effective sample size of the rows within the clip, those of weight zero counted in `n`.
  package var effectiveSampleSize: Double {
    Evaluation.effectiveSampleSize(rowsWithinClip.map { values[$0] })
  }

  /// The effective sample size of all rows, without the clip.
  package var rawEffectiveSampleSize: Double { Evaluation.effectiveSampleSize(values) }

  /// The share of the total weight, before the clip, that the heaviest proposal carries.
  package var largestShare: Double { largestWeightShare(values) }
}
