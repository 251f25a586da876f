import Foundation

/// The mean over several samples that cost the same, and their standard deviation.
package struct MeanAndSpread: Equatable, Sendable {
  package let mean: Double
  /// `√(Σ (x − mean)²/(n − 1))`; nil for one sample, or where one is infinite.
  package let spread: Double?

  /// - Precondition: There is at least one number.
  init(_ numbers: [Double]) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    self.mean = mean
    spread =
      numbers.count > 1 && mean.isFinite
      ? (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot() : nil
  }
}

/// How far the frames that a number of energy evaluations buys are from a reference.
package struct CostRow: Equatable, Sendable {
  /// Energy evaluations of one sample.
  package let evaluations: Int
  /// Chains that share them.
  package let chains: Int
  /// Samples of so many chains, which share no frame.
  package let samples: Int
  /// Frames of one sample; 0 while all chains equilibrate, and then there are no figures.
  package let frames: Int
  /// kT.
  package let energyW2: MeanAndSpread?
  /// rad; nil without torsions or points.
  package let torusW2: MeanAndSpread?
  /// `|−ln p − −ln p_ref|` of the population p of φ ≥ 0, for each φ, [phis]; infinite where a
  /// sample has no such frame, nil where the reference has none.
  package let rareStateErrors: [MeanAndSpread?]
  /// How many samples have no frame with φ ≥ 0, for each φ, [phis].
  package let unseen: [Int]
}

/// What molecular dynamics is worth: its distance from a reference after a number of energy
/// evaluations, what was spent on equilibration counted in.
///
/// A budget of N evaluations is shared by the smallest number c of chains, among those that divide
/// all, that make N between them. Each c chains are one sample: their frames up to N/c evaluations.
/// For independent frames the figures fall as `1/√N`, for a chain that never moves they stay
/// (CostCurveTests).
///
/// - Parameters:
///   - reference: Reduced energies, [frames], kT, finite.
///   - referenceTorsions: As those of the chains.
///   - energyPoints: At most so many frames of each set are compared by E-W2, evenly chosen.
///   - torusPoints: The same for T-W2; 0 leaves it out.
/// - Returns: A row for each budget that the chains reach.
/// - Throws: ``EvaluationError`` for an empty reference or one that is not finite.
package func costCurve(
  of chains: SampledChains, reference: [Double], referenceTorsions: TorsionAngles, budgets: [Int],
  energyPoints: Int = 10_000, torusPoints: Int = 2_000
) throws(EvaluationError) -> [CostRow] {
  guard !reference.isEmpty else { throw .empty(what: "reference frames") }
  if let frame = reference.firstIndex(where: { !$0.isFinite }) {
    throw .nonfiniteReferenceEnergy(frame: frame)
  }
  let target = Target(
    energies: stratifiedIndices(count: reference.count, points: energyPoints).map { reference[$0] },
    torsions: referenceTorsions.rows(
      stratifiedIndices(count: referenceTorsions.points, points: torusPoints)),
    shares: positivePhiShares(referenceTorsions, phis: chains.phis), energyPoints: energyPoints,
    torusPoints: torusPoints)
  var rows: [CostRow] = []
  for budget in budgets {
    if let row = try row(of: chains, budget: budget, target) { rows.append(row) }
  }
  return rows
}

/// What samples are compared with.
private struct Target {
  let energies: [Double]
  let torsions: TorsionAngles
  let shares: [Double]
  let energyPoints, torusPoints: Int
}

/// The row of a budget; nil beyond what the chains have.
private func row(
  of all: SampledChains, budget: Int, _ target: Target
) throws(EvaluationError) -> CostRow? {
  let count = all.energies.count
  let longest = all.evaluations.last ?? 0
  let sizes = (1...count).filter { count.isMultiple(of: $0) }
  guard let size = sizes.first(where: { budget <= $0 * longest }) else { return nil }
  let frames = all.evaluations.count { $0 <= budget / size }
  let groups = (0..<count / size).map { $0 * size..<($0 + 1) * size }
  guard frames > 0 else {
    return CostRow(
      evaluations: budget, chains: size, samples: groups.count, frames: 0, energyW2: nil,
      torusW2: nil, rareStateErrors: target.shares.map { _ in nil },
      unseen: target.shares.map { _ in groups.count })
  }
  var (energyW2, torusW2): ([Double], [Double]) = ([], [])
  var shares: [[Double]] = []
  for group in groups {
    let energies = group.flatMap { all.energies[$0].prefix(frames) }
    let torsions = TorsionAngles(
      group.flatMap { all.torsions[$0].values.prefix(frames * all.torsions[$0].torsions) },
      torsions: all.torsions[group.lowerBound].torsions)
    let thinned = stridedIndices(count: energies.count, points: target.energyPoints)
    energyW2.append(
      wasserstein(target.energies, weights: nil, thinned.map { energies[$0] }, weights: nil).second)
    shares.append(positivePhiShares(torsions, phis: all.phis))
    if target.torusPoints > 0, torsions.torsions > 0 {
      let points = stridedIndices(count: torsions.points, points: target.torusPoints)
      torusW2.append(
        try torusWasserstein(
          target.torsions, torsions.rows(points), setNames: ("reference", "simulation")))
    }
  }
  return CostRow(
    evaluations: budget, chains: size, samples: groups.count, frames: frames * size,
    energyW2: MeanAndSpread(energyW2), torusW2: torusW2.isEmpty ? nil : MeanAndSpread(torusW2),
    rareStateErrors: target.shares.enumerated().map { phi, expected in
      expected > 0 ? MeanAndSpread(shares.map { abs(log(expected) - log($0[phi])) }) : nil
    },
    unseen: target.shares.indices.map { phi in shares.count { $0[phi] == 0 } })
}
