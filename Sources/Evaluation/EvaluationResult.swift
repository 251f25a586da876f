/// The figures of an evaluation; encoded, its keys are the names in ``CodingKeys``.
///
/// Those from ``meanReferenceEnergyError`` on may be absent in a file, as older versions leave it.
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
  /// The E-W2 that a perfect sampler of this effective sample size would score, kT; nil with too
  /// few effective samples for the estimate (``perfectDistance(floor:count:effectiveSamples:)``).
  package var energyW2Perfect: Double?
  /// T-W2 of the resampled proposals, rad; nil if no torsions were given or none wanted.
  package var torusW2: Double?
  /// The number of frames of each set that T-W2 was asked to use.
  package var torusPoints: Int
  /// The mean reduced energy of the reference, kT.
  package var meanReferenceEnergy: Double
  /// The weighted mean of the reduced energy of the proposals, over all finite weights, kT.
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
  /// The standard error of the mean reduced energy of the reference, kT, from blocks of its frames.
  package var meanReferenceEnergyError: Double? = nil
  /// The figures of the proposals above, with their errors, and those of all proposals where there
  /// are more; empty in files of older versions.
  package var budgets: [BudgetFigures] = []
  /// How often φ of each residue is positive, by all proposals.
  package var populations: [PopulationFigures] = []
  /// The distances of the distributions of (φ, ψ) of each residue that has both, by all proposals.
  package var planes: [PlaneFigures] = []
  /// What the flow's density says of the reference; nil where the densities are not known.
  package var heldOut: HeldOutFigures? = nil
  /// T-W2 within the reference; nil without T-W2.
  package var torusFloor: TorusFloor? = nil
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
    case meanReferenceEnergyError = "mean_energy_reference_error"
    case budgets, populations
    case planes = "torsion_planes"
    case heldOut = "held_out"
    case torusFloor = "torus_floor"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
      try container.decode(Value.self, forKey: key)
    }
    self.init(
      samples: try value(.samples), reference: try value(.reference),
      effectiveSampleSize: try value(.effectiveSampleSize),
      rawEffectiveSampleSize: try value(.rawEffectiveSampleSize),
      largestWeightShare: try value(.largestWeightShare), energyW2: try value(.energyW2),
      energyW2Spread: try value(.energyW2Spread), energyW1: try value(.energyW1),
      energyW2Weighted: try value(.energyW2Weighted), energyW2Floor: try value(.energyW2Floor),
      energyW2Perfect: try container.decodeIfPresent(Double.self, forKey: .energyW2Perfect),
      torusW2: try container.decodeIfPresent(Double.self, forKey: .torusW2),
      torusPoints: try value(.torusPoints), meanReferenceEnergy: try value(.meanReferenceEnergy),
      meanReweightedEnergy: try value(.meanReweightedEnergy),
      correctChirality: try container.decodeIfPresent(Double.self, forKey: .correctChirality),
      stereocentres: try value(.stereocentres), amides: try value(.amides),
      nonfiniteEnergies: try value(.nonfiniteEnergies),
      nonfiniteLogDensities: try value(.nonfiniteLogDensities),
      meanReferenceEnergyError: try container.decodeIfPresent(
        Double.self, forKey: .meanReferenceEnergyError),
      budgets: try container.decodeIfPresent([BudgetFigures].self, forKey: .budgets) ?? [],
      populations: try container.decodeIfPresent([PopulationFigures].self, forKey: .populations)
        ?? [],
      planes: try container.decodeIfPresent([PlaneFigures].self, forKey: .planes) ?? [],
      heldOut: try container.decodeIfPresent(HeldOutFigures.self, forKey: .heldOut),
      torusFloor: try container.decodeIfPresent(TorusFloor.self, forKey: .torusFloor))
  }

  /// Writes every key, as null where there is no figure, so that a reader always finds the same
  /// keys.
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
    try container.encode(meanReferenceEnergyError, forKey: .meanReferenceEnergyError)
    try container.encode(budgets, forKey: .budgets)
    try container.encode(populations, forKey: .populations)
    try container.encode(planes, forKey: .planes)
    try container.encode(heldOut, forKey: .heldOut)
    try container.encode(torusFloor, forKey: .torusFloor)
  }
}
