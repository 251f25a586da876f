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

/// The effective sample size with the largest weights set to a threshold, the smallest of them.
///
/// `log w ← min(log w, t)`, t the `max(1, round(share · n))`-th largest of all `n` values, those of
/// weight zero included. No row is dropped. With fewer than `1.5/share` samples nothing is capped.
///
/// - SeeAlso: Schopmans and Friederich 2025, *Temperature-Annealed Boltzmann Generators*;
///   *Learning Boltzmann Generators via Constrained Mass Transport*, arXiv 2510.18460, where the
///   share is 10⁻⁴ of 10⁶ or more samples.
package func cappedEffectiveSampleSize(
  _ logWeights: [Double], share: Double = LogWeights.cappedShare
) -> Double {
  precondition((0...1).contains(share), "a share of \(share) of the weights")
  guard !logWeights.isEmpty else { return 0 }
  let threshold = logWeights.sorted()[
    logWeights.count - cappedCount(of: logWeights.count, share: share)]
  return effectiveSampleSize(logWeights.map { min($0, threshold) })
}

/// How many of the largest weights a cap levels, the threshold's own included.
func cappedCount(of samples: Int, share: Double) -> Int {
  max(1, Int((share * Double(samples)).rounded(.toNearestOrEven)))
}

extension LogWeights {
  /// The share of the largest weights that the capped effective sample size levels.
  package static let cappedShare = 1e-4

  /// The effective sample size of all rows with the largest of them levelled.
  package var cappedEffectiveSampleSize: Double { Evaluation.cappedEffectiveSampleSize(values) }
}
