import Evaluation
import Reporting

/// What there is to say of a set of weights, for people and as JSON.
package struct WeightsSummary: Encodable, Equatable, Sendable {
  package let samples, withWeight, nonfiniteEnergies, nonfiniteLogDensities: Int
  package let clip, effectiveSampleSize, rawEffectiveSampleSize, largestShare: Double

  package init(_ weights: LogWeights) {
    samples = weights.values.count
    withWeight = weights.values.count(where: \.isFinite)
    clip = weights.clippedFraction
    nonfiniteEnergies = weights.nonfiniteEnergies
    nonfiniteLogDensities = weights.nonfiniteLogDensities
    effectiveSampleSize = weights.effectiveSampleSize
    rawEffectiveSampleSize = weights.rawEffectiveSampleSize
    largestShare = weights.largestShare
  }

  private enum CodingKeys: String, CodingKey {
    case samples, clip
    case withWeight = "with_weight"
    case nonfiniteEnergies = "nonfinite_energies"
    case nonfiniteLogDensities = "nonfinite_log_q"
    case effectiveSampleSize = "ess"
    case rawEffectiveSampleSize = "ess_raw"
    case largestShare = "largest_weight_share"
  }

  /// The summary as one line.
  package var text: String {
    """
    \(samples) samples, \(withWeight) with a weight; ESS \(effectiveSampleSize.fixed(3)) \
    with clip \(clip), raw \(rawEffectiveSampleSize.fixed(4)); largest weight \
    \((100 * largestShare).fixed(1)) %

    """
  }
}
