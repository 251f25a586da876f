/// Energy histograms of the reference, the proposals and the reweighted proposals over the same
/// bins.
///
/// The bins cover the reference and the bulk of the proposals. A few proposals with clashing atoms,
/// of energies beyond all bounds, are counted in ``Series/above`` and do not stretch the axis.
package struct EnergyHistogram: Equatable, Sendable {
  /// One distribution over the bins.
  package struct Series: Equatable, Sendable {
    /// The probability per kT in each bin, [bins]; the bins, ``below`` and ``above`` together make
    /// 1.
    package var densities: [Double]
    /// The share of the total weight below the first bin.
    package var below: Double
    /// The share of the total weight above the last bin, non-finite energies included.
    package var above: Double
  }

  /// The edges of the bins, [bins + 1], kT, evenly spaced.
  package let edges: [Double]
  /// The reference trajectory.
  package let reference: Series
  /// The proposals, as the flow makes them.
  package let proposal: Series
  /// The proposals with their importance weights.
  package let reweighted: Series

  /// Counts energies into common bins.
  ///
  /// - Parameters:
  ///   - reference: Reduced energies of the reference, [frames], kT, finite.
  ///   - proposals: Reduced energies of the proposals, [samples], kT; not all need be finite.
  ///   - weights: The weights of the proposals, [samples], not negative.
  ///   - bins: How many bins.
  /// - Throws: ``EvaluationError`` if there is no reference or no proposal, the lengths differ, or
  ///   a reference energy is not finite.
  package init(
    reference: [Double], proposals: [Double], weights: [Double], bins: Int = 100
  ) throws(EvaluationError) {
    precondition(bins > 0, "energy histogram with \(bins) bins")
    guard !proposals.isEmpty else { throw .empty(what: "proposals") }
    guard weights.count == proposals.count else {
      throw .lengths(what: "weights", expected: proposals.count, found: weights.count)
    }
    if let frame = reference.firstIndex(where: { !$0.isFinite }) {
      throw .nonfiniteReferenceEnergy(frame: frame)
    }
    guard let least = reference.min(), let largest = reference.max() else {
      throw .empty(what: "reference frames")
    }
    let (low, high) = energyRange(
      least: least, largest: largest, proposals: proposals.filter(\.isFinite))
    let edges = (0...bins).map { low + (high - low) * Double($0) / Double(bins) }
    self.edges = edges
    let frames = Array(repeating: 1.0, count: reference.count)
    let samples = Array(repeating: 1.0, count: proposals.count)
    self.reference = Series(reference, weights: frames, edges: edges)
    proposal = Series(proposals, weights: samples, edges: edges)
    reweighted = Series(proposals, weights: weights, edges: edges)
  }

  /// The names of the columns of ``rows``.
  package static let columns = [
    "energy_kT_low", "energy_kT_high", "reference", "proposal", "reweighted",
  ]

  /// One row a bin: its two edges in kT and the three densities in 1/kT.
  package var rows: [[Double]] {
    let columns = [
      Array(edges.dropLast()), Array(edges.dropFirst()), reference.densities, proposal.densities,
      reweighted.densities,
    ]
    return reference.densities.indices.map { bin in columns.map { $0[bin] } }
  }
}

extension EnergyHistogram.Series {
  init(_ energies: [Double], weights: [Double], edges: [Double]) {
    let bins = edges.count - 1
    let (low, high) = (edges[0], edges[bins])
    let width = (high - low) / Double(bins)
    densities = Array(repeating: 0, count: bins)
    (below, above) = (0, 0)
    let total = weights.reduce(0, +)
    guard total > 0 else { return }
    for (energy, weight) in zip(energies, weights) where weight > 0 {
      if energy < low {
        below += weight / total
      } else if energy <= high {
        densities[min(Int((energy - low) / width), bins - 1)] += weight / total / width
      } else {
        above += weight / total
      }
    }
  }
}

/// The reference's range with a margin, widened to most of the proposals but to no more than four
/// times the width.
private func energyRange(
  least: Double, largest: Double, proposals: [Double]
) -> (low: Double, high: Double) {
  let span = max(largest - least, 1)
  var (low, high) = (least, largest)
  if !proposals.isEmpty {
    low = max(min(low, quantile(proposals, 0.01)), least - span)
    high = min(max(high, quantile(proposals, 0.95)), largest + 2 * span)
  }
  let margin = 0.02 * (high - low) + 0.01 * span
  return (low - margin, high + margin)
}
