import Foundation

/// The populations of bins, with errors, for many bins at once.
///
/// The errors are those of ``AveragedSample/error(ofMean:)``. Of proposals the delta method's is
/// `n/(n − 1) ((1 − 2p) Σ_bin w̃² + p² Σ w̃²)`. Of chains it is that of the shares of a bin in
/// blocks of successive frames, about 1,000 in all: their correlation is that of the frames as far
/// as it is longer than a block (`BinnedPopulationsTests`).
///
/// - Parameters:
///   - bins: The bin of each row, [rows]; −1 for none.
///   - count: How many bins there are.
/// - Returns: [bins]; the shares are of all rows.
package func binnedPopulations(
  _ bins: [Int], count: Int, over sample: AveragedSample
) -> [Estimate] {
  precondition(bins.count == sample.rows, "\(bins.count) bins for \(sample.rows) rows")
  switch sample.kind {
  case .proposals: return weightedPopulations(bins, count: count, over: sample)
  case .chains: return populationsOfChains(bins, count: count, over: sample)
  }
}

private func weightedPopulations(
  _ bins: [Int], count: Int, over sample: AveragedSample
) -> [Estimate] {
  var (shares, squares) = (
    [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
  )
  var spread = shares
  var (allSquares, totals) = (0.0, [Double]())
  var parts: [[Int: Double]] = []
  for group in sample.groups {
    var (part, total) = ([Int: Double](), 0.0)
    for row in group where sample.weights[row] > 0 {
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
  let (rows, groups) = (Double(sample.rows), Double(sample.groups.count))
  return (0..<count).map { bin in
    let p = shares[bin]
    var variance = 0.0
    if rows > 1 {
      variance = ((1 - 2 * p) * squares[bin] + p * p * allSquares) * rows / (rows - 1)
    }
    if groups > 1 {
      variance = max(variance, (spread[bin] + p * p * turns) * groups / (groups - 1))
    }
    return Estimate(value: p, error: max(0, variance).squareRoot())
  }
}

/// About how many blocks the frames of chains are put into for the errors of bins: the time of a bin
/// does not grow with the frames.
private let mostBlocks = 1_000

private func populationsOfChains(
  _ bins: [Int], count: Int, over sample: AveragedSample
) -> [Estimate] {
  let length = (sample.rows + mostBlocks - 1) / mostBlocks
  let blocks = sample.groups.map { group -> [Range<Int>] in
    let count = max(1, group.count / length)
    return (0..<count).map {
      group.lowerBound + $0 * group.count / count..<group.lowerBound + ($0 + 1) * group.count
        / count
    }
  }
  /// The blocks that visit each bin, with the shares of their frames in it, [bins].
  var visits = [[(block: Int, share: Double)]](repeating: [], count: count)
  var members = [Int](repeating: 0, count: count)
  for (number, block) in blocks.joined().enumerated() {
    for row in block where bins[row] >= 0 {
      let bin = bins[row]
      members[bin] += 1
      if visits[bin].last?.block != number { visits[bin].append((number, 0)) }
      visits[bin][visits[bin].count - 1].share += 1 / Double(block.count)
    }
  }
  let coarse = AveragedSample(chains: blocks.map(\.count))
  return zip(members, visits).map { members, visits in
    guard members > 0 else { return Estimate(value: 0, error: 0) }
    var shares = [Double](repeating: 0, count: coarse.rows)
    for visit in visits { shares[visit.block] = visit.share }
    return Estimate(
      value: Double(members) / Double(sample.rows), error: coarse.error(ofMean: shares))
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
