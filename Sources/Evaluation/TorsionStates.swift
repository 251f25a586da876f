import Foundation

/// Which torsions of a set are the φ and the ψ of which residue.
package struct ResidueTorsions: Equatable, Sendable {
  /// The residue, "ALA2".
  package let residue: String
  /// Its columns in the ``TorsionAngles``; nil where it has no such torsion.
  package let phi, psi: Int?

  package init(residue: String, phi: Int?, psi: Int?) {
    (self.residue, self.phi, self.psi) = (residue, phi, psi)
  }
}

/// How often φ of a residue is positive: in most residues a rare state, which proposals reach
/// without crossing a barrier.
package struct PopulationFigures: Codable, Equatable, Sendable {
  package var residue: String
  /// The weighted share of the proposals, over all finite weights, with its bootstrap error.
  package var population: Double
  /// nil where no proposal with a weight is in it.
  package var error: Double?
  /// The share of the reference's frames, with the error from its chains or blocks of its frames.
  package var reference: Double
  /// nil where no frame is in it.
  package var referenceError: Double?
  /// Where nothing is in it: what the share is below with 95 % probability, `−ln 0.05/n` of n
  /// effective proposals; the same of independent frames of the reference.
  package var upperBound, referenceUpperBound: Double?
  /// `−ln` of both shares, the free energy of the state in kT; nil where no frame is in it.
  package var freeEnergy, freeEnergyError, referenceFreeEnergy, referenceFreeEnergyError: Double?

  private enum CodingKeys: String, CodingKey {
    case residue, error, reference
    case population = "phi_positive"
    case referenceError = "reference_error"
    case upperBound = "population_below"
    case referenceUpperBound = "reference_population_below"
    case freeEnergy = "minus_ln"
    case freeEnergyError = "minus_ln_error"
    case referenceFreeEnergy = "minus_ln_reference"
    case referenceFreeEnergyError = "minus_ln_reference_error"
  }

  /// - Parameters:
  ///   - effectiveProposals: How many of equal weight the proposals are worth.
  ///   - independentFrames: How many the reference's frames are worth.
  init(
    residue: String, population: Double, error: Double, effectiveProposals: Double,
    reference: Double, referenceError: Double, independentFrames: Double
  ) {
    (self.residue, self.population, self.reference) = (residue, population, reference)
    if population > 0 {
      (self.error, freeEnergy, freeEnergyError) = (error, -log(population), error / population)
    } else {
      upperBound = min(1, -log(0.05) / effectiveProposals)
    }
    if reference > 0 {
      (self.referenceError, referenceFreeEnergy) = (referenceError, -log(reference))
      referenceFreeEnergyError = referenceError / reference
    } else {
      referenceUpperBound = min(1, -log(0.05) / independentFrames)
    }
  }

  /// Writes the errors as null where there are none; what else there is not is left out.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(residue, forKey: .residue)
    try container.encode(population, forKey: .population)
    try container.encode(error, forKey: .error)
    try container.encodeIfPresent(upperBound, forKey: .upperBound)
    try container.encode(reference, forKey: .reference)
    try container.encode(referenceError, forKey: .referenceError)
    try container.encodeIfPresent(referenceUpperBound, forKey: .referenceUpperBound)
    try container.encodeIfPresent(freeEnergy, forKey: .freeEnergy)
    try container.encodeIfPresent(freeEnergyError, forKey: .freeEnergyError)
    try container.encodeIfPresent(referenceFreeEnergy, forKey: .referenceFreeEnergy)
    try container.encodeIfPresent(referenceFreeEnergyError, forKey: .referenceFreeEnergyError)
  }
}

extension TorsionAngles {
  /// Whether a torsion lies from 0 to π, [points].
  func isPositive(_ torsion: Int) -> [Bool] {
    (0..<points).map { sin(values[$0 * torsions + torsion]) >= 0 }
  }
}

/// The share of conformations with φ ≥ 0, for each φ, [phis].
///
/// - Parameter torsions: All φ first.
package func positivePhiShares(_ torsions: TorsionAngles, phis: Int) -> [Double] {
  (0..<phis).map { phi in
    Double(torsions.isPositive(phi).count { $0 }) / Double(torsions.points)
  }
}

/// How far the weighted proposals' distribution of (φ, ψ) of a residue is from the reference's, in
/// common bins.
package struct PlaneFigures: Codable, Equatable, Sendable {
  package var residue: String
  /// The Jensen–Shannon divergence in bits, 0 to 1, with its bootstrap error.
  package var divergence, divergenceError: Double
  /// What noise alone makes of it: `(D_q + D_p)/4`, the divergences between the two halves of the
  /// reference and between those of the proposals.
  ///
  /// Of m frames against n proposals noise makes `c (1/n + 1/m)` where bins hold several each, of
  /// halves `4c/m` and `4c/n`.
  package var divergenceFloor: Double
  /// The total variation distance, 0 to 1, with its bootstrap error.
  package var totalVariation, totalVariationError: Double
  /// The same of distances, which go as the root: `½ √(V_q² + V_p²)`.
  package var totalVariationFloor: Double

  private enum CodingKeys: String, CodingKey {
    case residue
    case divergence = "js_divergence"
    case divergenceError = "js_divergence_error"
    case divergenceFloor = "js_divergence_floor"
    case totalVariation = "total_variation"
    case totalVariationError = "total_variation_error"
    case totalVariationFloor = "total_variation_floor"
  }
}

/// The bins of a plane of two torsions: 36 × 36 of 10°.
enum TorsionBins {
  static let perTurn = 36
  static let count = perTurn * perTurn

  /// The bin of each conformation, [points]; −1 where a torsion is not finite.
  static func places(_ angles: TorsionAngles, _ columns: (Int, Int)) -> [Int32] {
    (0..<angles.points).map { point in
      let row = point * angles.torsions
      let (phi, psi) = (angles.values[row + columns.0], angles.values[row + columns.1])
      guard phi.isFinite, psi.isFinite else { return -1 }
      return Int32(perTurn * bin(phi) + bin(psi))
    }
  }

  private static func bin(_ angle: Double) -> Int {
    let turns = angle / (2 * .pi) + 0.5
    return min(Int((turns - turns.rounded(.down)) * Double(perTurn)), perTurn - 1)
  }

}

/// The weighted share of each bin, [bins]; conformations without a bin are left out.
func weightedShares(
  _ places: ArraySlice<Int32>, weight: (Int) -> Double = { _ in 1 }
) -> [Double] {
  var shares = [Double](repeating: 0, count: TorsionBins.count)
  var total = 0.0
  for index in places.indices where places[index] >= 0 {
    let weight = weight(index)
    shares[Int(places[index])] += weight
    total += weight
  }
  return total > 0 ? shares.map { $0 / total } : shares
}

/// What there is to count of the torsions of proposals and of a reference.
struct TorsionStates {
  struct Plane {
    let residue: String
    /// The bin of each proposal, [samples].
    let places: [Int32]
    /// The shares of the bins in the reference, and in its two halves.
    let reference, firstHalf, secondHalf: [Double]
  }

  /// The residues that have a φ, and where it is positive, [states][samples].
  let residues: [String]
  let states: [[Bool]]
  /// The same of the reference, 1 or 0, [states][frames].
  let referenceStates: [[Double]]
  let planes: [Plane]

  static let none = TorsionStates(residues: [], states: [], referenceStates: [], planes: [])
}

extension TorsionStates {
  init(_ torsions: TorsionAngles, reference: TorsionAngles, of residues: [ResidueTorsions]) {
    let rotating = residues.compactMap { residue in residue.phi.map { (residue.residue, $0) } }
    self.residues = rotating.map(\.0)
    states = rotating.map { torsions.isPositive($0.1) }
    referenceStates = rotating.map { reference.isPositive($0.1).map { $0 ? 1 : 0 } }
    planes = residues.compactMap { residue in
      guard let phi = residue.phi, let psi = residue.psi else { return nil }
      let places = TorsionBins.places(reference, (phi, psi))
      return Plane(
        residue: residue.residue, places: TorsionBins.places(torsions, (phi, psi)),
        reference: weightedShares(places[...]),
        firstHalf: weightedShares(places[..<(places.count / 2)]),
        secondHalf: weightedShares(places[(places.count / 2)...]))
    }
  }

  /// The populations of φ ≥ 0, by normalised weights of the proposals.
  ///
  /// The reference is worth the independent frames of the state, or the energy, that has the fewest.
  ///
  /// - Parameters:
  ///   - energies: Those of the reference, [frames].
  ///   - chains: As those of ``meanError(_:chains:)``.
  func populations(
    weights: [Double], errors: WeightBootstrap, energies: [Double], chains: [[Int]]?
  ) -> [PopulationFigures] {
    let effective = 1 / weights.reduce(0) { $0 + $1 * $1 }
    let frameErrors = referenceStates.map { meanError($0, chains: chains) }
    let independent = zip(
      referenceStates + [energies], frameErrors + [meanError(energies, chains: chains)]
    ).compactMap(independentFrames).min()
    return residues.indices.map { index in
      let frames = referenceStates[index]
      return PopulationFigures(
        residue: residues[index],
        population: zip(weights, states[index]).reduce(0) { $1.1 ? $0 + $1.0 : $0 },
        error: errors.shares[index], effectiveProposals: effective,
        reference: frames.reduce(0, +) / Double(frames.count),
        referenceError: frameErrors[index], independentFrames: independent ?? 1)
    }
  }

  /// The distances of the planes, by normalised weights of the proposals.
  func planeFigures(weights: [Double], errors: WeightBootstrap) -> [PlaneFigures] {
    planes.enumerated().map { index, plane in
      let shares = weightedShares(plane.places[...]) { weights[$0] }
      let middle = plane.places.count / 2
      let halves = [
        (plane.firstHalf, plane.secondHalf),
        (
          weightedShares(plane.places[..<middle]) { weights[$0] },
          weightedShares(plane.places[middle...]) { weights[$0] }
        ),
      ]
      let divergences = halves.map(jensenShannonDivergence)
      let distances = halves.map(Evaluation.totalVariation)
      return PlaneFigures(
        residue: plane.residue, divergence: jensenShannonDivergence(shares, plane.reference),
        divergenceError: errors.divergences[index],
        divergenceFloor: divergences.reduce(0, +) / 4,
        totalVariation: Evaluation.totalVariation(shares, plane.reference),
        totalVariationError: errors.totalVariations[index],
        totalVariationFloor: distances.reduce(0) { $0 + $1 * $1 }.squareRoot() / 2)
    }
  }
}

/// The Jensen–Shannon divergence of two distributions over bins, in bits:
/// `½ Σ p log₂(p/m) + ½ Σ q log₂(q/m)`, `m = (p + q)/2`.
///
/// - Returns: A number from 0 to 1.
package func jensenShannonDivergence(_ p: [Double], _ q: [Double]) -> Double {
  precondition(p.count == q.count, "\(p.count) bins do not meet \(q.count)")
  var sum = 0.0
  for bin in p.indices {
    let middle = (p[bin] + q[bin]) / 2
    if p[bin] > 0 { sum += p[bin] * log2(p[bin] / middle) }
    if q[bin] > 0 { sum += q[bin] * log2(q[bin] / middle) }
  }
  return max(0, sum / 2)
}

/// The total variation distance of two distributions over bins, `½ Σ |p − q|`, from 0 to 1.
package func totalVariation(_ p: [Double], _ q: [Double]) -> Double {
  precondition(p.count == q.count, "\(p.count) bins do not meet \(q.count)")
  return zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
}
