import Foundation

/// The populations of bins, with errors, for many bins at once.
///
/// Of proposals the error of `p = Σ_bin w̃` is the delta method's,
/// `n/(n − 1) ((1 − 2p) Σ_bin w̃² + p² Σ w̃²)`, and with several runs not below the spread between
/// them. Of chains it is the spread over blocks of successive frames, at least 40 in all, each
/// within a chain: `B/(B − 1) Σ_b s_b²`, `s_b = Σ_{i in b} w̃ (1_bin − p)`
/// (`BinnedPopulationsTests`).
///
/// - Parameters:
///   - bins: The bin of each row, [rows]; −1 for none.
///   - count: How many bins there are.
/// - Returns: [bins]; the shares are of all rows.
package func binnedPopulations(
  _ bins: [Int], count: Int, over sample: AveragedSample
) -> [Estimate] {
  precondition(bins.count == sample.rows, "\(bins.count) bins for \(sample.rows) rows")
  let clusters = clusters(of: sample)
  var (shares, squares) = (
    [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
  )
  var spread = shares
  var (allSquares, totals) = (0.0, [Double]())
  var parts: [[Int: Double]] = []
  for cluster in clusters {
    var (part, total) = ([Int: Double](), 0.0)
    for row in cluster where sample.weights[row] > 0 {
      let weight = sample.weights[row]
      total += weight
      allSquares += weight * weight
      guard bins[row] >= 0 else { continue }
      shares[bins[row]] += weight
      squares[bins[row]] += weight * weight
      part[bins[row], default: 0] += weight
    }
    parts.append(part)
    totals.append(total)
  }
  let turns = totals.reduce(0) { $0 + $1 * $1 }
  // Σ (W_gb − p W_g)² = Σ W_gb² − 2 p Σ W_gb W_g + p² Σ W_g².
  for (part, total) in zip(parts, totals) {
    for (bin, weight) in part { spread[bin] += weight * weight - 2 * shares[bin] * weight * total }
  }
  let (rows, groups) = (Double(sample.rows), Double(clusters.count))
  return (0..<count).map { bin in
    let p = shares[bin]
    var variance = 0.0
    if sample.kind == .proposals, rows > 1 {
      variance = ((1 - 2 * p) * squares[bin] + p * p * allSquares) * rows / (rows - 1)
    }
    if groups > 1 {
      variance = max(variance, (spread[bin] + p * p * turns) * groups / (groups - 1))
    }
    return Estimate(value: p, error: max(0, variance).squareRoot())
  }
}

/// The runs of proposals, or at least 40 blocks of the frames of chains if there are so many.
private func clusters(of sample: AveragedSample) -> [Range<Int>] {
  guard sample.kind == .chains else { return sample.groups }
  let blocks = (40 + sample.groups.count - 1) / sample.groups.count
  return sample.groups.flatMap { group in
    let count = min(blocks, group.count)
    return (0..<count).map {
      group.lowerBound + $0 * group.count / count..<group.lowerBound + ($0 + 1) * group.count
        / count
    }
  }
}

/// Free energies `F = −ln(p/p_max)` of bins with these shares, kT; nil where nothing is in a bin.
package func freeEnergies(ofShares shares: [Double]) -> [Double?] {
  let largest = shares.max() ?? 1
  return shares.map { freeEnergy(ofShare: $0, largest: largest) }
}

/// The free energy `−ln(p/p_max)` of a share beside the largest, kT; nil of a share of nothing.
package func freeEnergy(ofShare share: Double, largest: Double) -> Double? {
  // Adding zero makes −0 a 0.
  share > 0 ? -log(share / largest) + 0 : nil
}
