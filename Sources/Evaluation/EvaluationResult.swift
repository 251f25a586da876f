/// The figures of an evaluation; encoded, its keys are the names in ``CodingKeys``.
package struct EvaluationResult: Equatable, Sendable {
  /// How many proposals were evaluated.
  package var samples: Int
  /// How many reference frames they were compared with.
  package var reference: Int
  /// The normalised effective sample size of the rows within the clip.
  package var effectiveSampleSize: Double
  /// The normalised effective sample size of all rows.
  package var rawEffectiveSampleSize: Double
  /// The share of the total weight, before the clip, of the heaviest proposal.
  package var largestWeightShare: Double
  /// E-W2 of the resampled proposals, kT: the mean over seeds.
  package var energyW2: Double
  /// The standard deviation of E-W2 over seeds, kT; 0 for systematic resampling.
  package var energyW2Spread: Double
  /// E-W1 of the resampled proposals, kT: the mean over seeds.
  package var energyW1: Double
  /// E-W2 of the weighted proposals against the whole reference, without resampling, kT.
  package var energyW2Weighted: Double
  /// The mean E-W2 of two samples of the reference, kT.
  package var energyW2Floor: Double
  /// The E-W2 that a perfect sampler of this effective sample size would score, kT.
  package var energyW2Perfect: Double
  /// T-W2 of the resampled proposals, rad; nil if no torsions were given or none wanted.
  package var torusW2: Double?
  /// The number of frames of each set that T-W2 was asked to use.
  package var torusPoints: Int
  /// The mean reduced energy of the reference, kT.
  package var meanReferenceEnergy: Double
  /// The weighted mean of the reduced energy of the proposals, kT.
  package var meanReweightedEnergy: Double
  /// The share of all proposals with the handedness of the reference; nil if there is no centre.
  package var correctChirality: Double?
  /// Each stereocentre, in the order of their atoms.
  package var stereocentres: [StereocentreFigures]
  /// Each amide, in the order of their atoms.
  package var amides: [AmideFigures]
  /// How many proposals have no finite energy.
  package var nonfiniteEnergies: Int
  /// How many proposals have no finite log-density.
  package var nonfiniteLogDensities: Int
}

extension EvaluationResult: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case samples
    case reference
    case effectiveSampleSize = "ess"
    case rawEffectiveSampleSize = "ess_raw"
    case largestWeightShare = "largest_weight_share"
    case energyW2 = "energy_w2"
    case energyW2Spread = "energy_w2_spread"
    case energyW1 = "energy_w1"
    case energyW2Weighted = "energy_w2_weighted"
    case energyW2Floor = "energy_w2_floor"
    case energyW2Perfect = "energy_w2_perfect_at_this_ess"
    case torusW2 = "torus_w2"
    case torusPoints = "torus_points"
    case meanReferenceEnergy = "mean_energy_reference_kT"
    case meanReweightedEnergy = "mean_energy_reweighted_kT"
    case correctChirality = "correct_chirality"
    case stereocentres, amides
    case nonfiniteEnergies = "nonfinite_energies"
    case nonfiniteLogDensities = "nonfinite_log_q"
  }

  /// Writes every key, `torus_w2` and `correct_chirality` as null where there is none, so that a
  /// reader finds the same keys always.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(samples, forKey: .samples)
    try container.encode(reference, forKey: .reference)
    try container.encode(effectiveSampleSize, forKey: .effectiveSampleSize)
    try container.encode(rawEffectiveSampleSize, forKey: .rawEffectiveSampleSize)
    try container.encode(largestWeightShare, forKey: .largestWeightShare)
    try container.encode(energyW2, forKey: .energyW2)
    try container.encode(energyW2Spread, forKey: .energyW2Spread)
    try container.encode(energyW1, forKey: .energyW1)
    try container.encode(energyW2Weighted, forKey: .energyW2Weighted)
    try container.encode(energyW2Floor, forKey: .energyW2Floor)
    try container.encode(energyW2Perfect, forKey: .energyW2Perfect)
    try container.encode(torusW2, forKey: .torusW2)
    try container.encode(torusPoints, forKey: .torusPoints)
    try container.encode(meanReferenceEnergy, forKey: .meanReferenceEnergy)
    try container.encode(meanReweightedEnergy, forKey: .meanReweightedEnergy)
    try container.encode(correctChirality, forKey: .correctChirality)
    try container.encode(stereocentres, forKey: .stereocentres)
    try container.encode(amides, forKey: .amides)
    try container.encode(nonfiniteEnergies, forKey: .nonfiniteEnergies)
    try container.encode(nonfiniteLogDensities, forKey: .nonfiniteLogDensities)
  }
}
