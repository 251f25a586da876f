/// What so many proposals are worth: the figures of the first of them, or of all.
///
/// Rows within the clip are resampled to their own number, and to no more than the evaluation's
/// count, then cut like the reference to the shorter of the two, for E-W2 and T-W2.
package struct BudgetFigures: Equatable, Sendable {
  /// How many proposals were weighed.
  package var proposals: Int
  /// How many rows were drawn from those within the clip.
  package var draws: Int
  /// The normalised effective sample size of the rows within the clip, with its error.
  package var effectiveSampleSize, effectiveSampleSizeError: Double
  /// That of all rows with the largest weights set to a threshold
  /// (``cappedEffectiveSampleSize(_:share:)``).
  package var cappedEffectiveSampleSize, cappedEffectiveSampleSizeError: Double
  /// That of all rows.
  package var rawEffectiveSampleSize, rawEffectiveSampleSizeError: Double
  /// The share of the total weight, before the clip, of the heaviest proposal.
  package var largestWeightShare: Double
  /// The shape of the tail of all weights (``ParetoTail``); nil if there is no tail.
  package var paretoShape, paretoShapeError: Double?
  /// E-W2 of the resampled proposals, kT: the mean over seeds, and its standard deviation over
  /// them.
  package var energyW2, energyW2Spread: Double
  /// The error of E-W2, kT: `√(b² + s²/r)`, b the bootstrap's over the proposals, s the deviation over
  /// the r resamples.
  ///
  /// The reference is taken as it is. Next to the noise floor it is too large by a
  /// quarter to a half, since a bootstrap sample has the noise of the proposals twice.
  package var energyW2Error: Double
  /// The mean E-W2 of two samples of the reference, kT.
  package var energyW2Floor: Double
  /// What a perfect sampler of this effective sample size would score, kT, if that can be said.
  package var energyW2Perfect: Double?
  /// T-W2 of the resampled proposals, rad, with the error of one resample; nil if no torsions were given or
  /// none wanted.
  package var torusW2, torusW2Error: Double?
  /// The weighted mean of the reduced energies over all finite weights, kT, with its error.
  package var meanEnergy, meanEnergyError: Double
}

extension BudgetFigures: Codable {
  private enum CodingKeys: String, CodingKey {
    case proposals, draws
    case effectiveSampleSize = "ess"
    case effectiveSampleSizeError = "ess_error"
    case cappedEffectiveSampleSize = "ess_capped"
    case cappedEffectiveSampleSizeError = "ess_capped_error"
    case rawEffectiveSampleSize = "ess_raw"
    case rawEffectiveSampleSizeError = "ess_raw_error"
    case largestWeightShare = "largest_weight_share"
    case paretoShape = "pareto_k"
    case paretoShapeError = "pareto_k_error"
    case energyW2 = "energy_w2"
    case energyW2Spread = "energy_w2_spread"
    case energyW2Error = "energy_w2_error"
    case energyW2Floor = "energy_w2_floor"
    case energyW2Perfect = "energy_w2_perfect_at_this_ess"
    case torusW2 = "torus_w2"
    case torusW2Error = "torus_w2_error"
    case meanEnergy = "mean_energy_reweighted_kT"
    case meanEnergyError = "mean_energy_reweighted_error"
  }
}
