import Foundation

/// Importance weights that carry proposals of density `q` over to the Boltzmann distribution.
///
/// `log w = −u − log q`, with the reduced energy `u = U/kT`; a proposal without a finite energy or
/// a finite log-density has weight zero, `log w = −∞`. The benchmark's clip then drops the rows
/// above `quantile(finite log w, 1 − clippedFraction)`: a few proposals where `q` is far too small
/// would carry everything. The clip belongs to the benchmark's figures alone: averages are over all
/// finite weights. A constant added to `u` or to `log q` changes no normalised weight
/// (`LogWeightsTests`).
///
/// - SeeAlso: Tan et al. 2025, *Scalable Equilibrium Sampling with Sequential Boltzmann
///   Generators*.
package struct LogWeights: Equatable, Sendable {
  /// The share of the largest weights that the benchmark drops.
  package static let benchmarkClip = 0.002

  /// `log w` of each proposal, [samples], nats; −∞ for weight zero.
  package let values: [Double]
  /// The largest `log w` that survives the clip.
  package let ceiling: Double
  /// The share of the largest weights that the clip drops.
  package let clippedFraction: Double
  /// Whether each proposal has a finite energy, and whether it has a finite log-density, [samples].
  private let hasEnergy, hasLogDensity: [Bool]

  /// How many proposals have no finite energy.
  package var nonfiniteEnergies: Int { hasEnergy.count { !$0 } }
  /// How many proposals have no finite log-density.
  package var nonfiniteLogDensities: Int { hasLogDensity.count { !$0 } }

  /// Weighs proposals.
  ///
  /// - Parameters:
  ///   - energies: Reduced energies `u`, [samples], kT.
  ///   - logDensities: `log q`, [samples], nats, up to one constant.
  ///   - clippedFraction: The share of the largest weights to drop, 0 for none.
  /// - Throws: ``EvaluationError`` if the arrays differ in length or no proposal has a weight.
  package init(
    energies: [Double], logDensities: [Double], clippedFraction: Double = Self.benchmarkClip
  ) throws(EvaluationError) {
    guard !energies.isEmpty else { throw .empty(what: "proposals") }
    guard energies.count == logDensities.count else {
      throw .lengths(what: "log_q", expected: energies.count, found: logDensities.count)
    }
    try self.init(
      values: zip(energies, logDensities).map { logWeight(energy: $0, logDensity: $1) },
      hasEnergy: energies.map(\.isFinite), hasLogDensity: logDensities.map(\.isFinite),
      clippedFraction: clippedFraction)
  }

  private init(
    values: [Double], hasEnergy: [Bool], hasLogDensity: [Bool], clippedFraction: Double
  ) throws(EvaluationError) {
    let finite = values.filter(\.isFinite)
    guard !finite.isEmpty else {
      throw .noUsableWeight(
        samples: values.count, nonfiniteEnergies: hasEnergy.count { !$0 },
        nonfiniteLogDensities: hasLogDensity.count { !$0 })
    }
    self.values = values
    self.hasEnergy = hasEnergy
    self.hasLogDensity = hasLogDensity
    self.clippedFraction = clippedFraction
    ceiling = quantile(finite, 1 - clippedFraction)
  }

  /// The weights of the first proposals alone, clipped as a set of their own; all when there are no
  /// more than `count`.
  ///
  /// - Throws: ``EvaluationError`` if none of them has a weight.
  package func first(_ count: Int) throws(EvaluationError) -> LogWeights {
    guard count < values.count else { return self }
    return try LogWeights(
      values: Array(values.prefix(count)), hasEnergy: Array(hasEnergy.prefix(count)),
      hasLogDensity: Array(hasLogDensity.prefix(count)), clippedFraction: clippedFraction)
  }

  /// Whether each proposal takes part with a weight: finite and not above the clip, [samples].
  ///
  /// Rows of weight zero are not kept, yet they stay in ``rowsWithinClip``: they were proposed, so
  /// they count in the denominator of the effective sample size.
  package var kept: [Bool] { values.map { $0.isFinite && $0 <= ceiling } }

  /// The indices of all rows that the clip does not drop, those of weight zero included, in order.
  package var rowsWithinClip: [Int] { values.indices.filter { values[$0] <= ceiling } }
}

/// `log w = −u − log q` of one proposal, nats; −∞ where one of the numbers is not finite.
package func logWeight(energy: Double, logDensity: Double) -> Double {
  let value = -energy - logDensity
  return energy.isFinite && logDensity.isFinite && value.isFinite ? value : -.infinity
}

/// Weights proportional to `exp(log w)` that sum to one, computed without overflow.
///
/// - Parameter logWeights: `log w`, [samples]; −∞ gives weight zero.
/// - Returns: The weights, [samples]; all zero if every `log w` is −∞.
package func normalizedWeights(_ logWeights: [Double]) -> [Double] {
  guard let largest = logWeights.max(), largest > -.infinity else {
    return Array(repeating: 0, count: logWeights.count)
  }
  let weights = logWeights.map { exp($0 - largest) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}
