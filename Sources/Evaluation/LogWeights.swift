import Foundation

/// Importance weights that carry proposals of density `q` over to the Boltzmann distribution.
///
/// `log w = −u − log q`, with the reduced energy `u = U/kT`; a proposal without a finite energy or a finite
/// log-density has weight zero, `log w = −∞`. The benchmark's clip then drops the rows above
/// `quantile(finite log w, 1 − clippedFraction)`: a few proposals where `q` is far too small would carry
/// everything. A constant added to `u` or to `log q` changes no normalised weight.
///
/// - SeeAlso: Tan et al. 2025, *Scalable Equilibrium Sampling with Sequential Boltzmann Generators*.
package struct LogWeights: Equatable, Sendable {
  /// The share of the largest weights that the benchmark drops.
  package static let benchmarkClip = 0.002

  /// `log w` of each proposal, [samples], nats; −∞ for weight zero.
  package let values: [Double]
  /// The largest `log w` that survives the clip.
  package let ceiling: Double
  /// How many proposals have no finite energy.
  package let nonfiniteEnergies: Int
  /// How many proposals have no finite log-density.
  package let nonfiniteLogDensities: Int

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
    values = zip(energies, logDensities).map { energy, logDensity in
      let value = -energy - logDensity
      return energy.isFinite && logDensity.isFinite && value.isFinite ? value : -.infinity
    }
    nonfiniteEnergies = energies.count { !$0.isFinite }
    nonfiniteLogDensities = logDensities.count { !$0.isFinite }
    let finite = values.filter(\.isFinite)
    guard !finite.isEmpty else {
      throw .noUsableWeight(
        samples: energies.count, nonfiniteEnergies: nonfiniteEnergies,
        nonfiniteLogDensities: nonfiniteLogDensities)
    }
    ceiling = quantile(finite, 1 - clippedFraction)
  }

  /// Whether each proposal takes part with a weight: finite and not above the clip, [samples].
  ///
  /// Rows of weight zero are not kept, yet they stay in ``rowsWithinClip``: they were proposed, so they
  /// count in the denominator of the effective sample size.
  package var kept: [Bool] { values.map { $0.isFinite && $0 <= ceiling } }

  /// The indices of all rows that the clip does not drop, those of weight zero included, in order.
  package var rowsWithinClip: [Int] { values.indices.filter { values[$0] <= ceiling } }
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
