/// The intervals that hold the populations of bins in 95 of 100 draws of the proposals with
/// replacement, for several divisions into bins at once, [divisions][bins].
///
/// As many proposals are drawn as there are, within their runs. The intervals are the percentiles
/// 2.5 and 97.5 of `Σ_bin w̃` over the draws, each normalised by its own `Σ w̃`
/// (`BinnedPopulationsTests`). Of more than ``mostDrawnRows`` blocks are drawn in their place.
///
/// - Parameters:
///   - divisions: The bin of each row, [divisions][rows]; −1 for none.
///   - count: How many bins each division has.
/// - Returns: nil for chains and families, whose rows are not independent.
package func bootstrapPopulations(
  _ divisions: [[Int]], count: Int, over sample: AveragedSample, draws: Int = Averages.draws,
  seed: UInt64 = 0
) -> [[ClosedRange<Double>]]? {
  guard sample.kind == .proposals, !sample.areFamilies, !divisions.isEmpty, draws > 0 else {
    return nil
  }
  let width = divisions.count
  if let blocks = bootstrapBlocks(of: sample) {
    let replicates = drawnPopulations(
      divisions, count: count, over: sample, blocks: blocks, draws: draws, seed: seed)
    return intervals(width, count) { place in replicates.map { $0[place] } }
  }
  var bins = [Int32](repeating: -1, count: sample.rows * width)
  for (division, column) in divisions.enumerated() {
    precondition(column.count == sample.rows, "\(column.count) bins for \(sample.rows) rows")
    for row in column.indices where column[row] >= 0 {
      precondition(column[row] < count, "bin \(column[row]) of \(count)")
      bins[row * width + division] = Int32(division * count + column[row])
    }
  }
  let weighted = sample.weights.indices.filter { sample.weights[$0] > 0 }
  var generator = PCG64(seed: seed)
  var counts = [Int32](repeating: 0, count: sample.rows)
  var replicates = [[Double]](repeating: [], count: width * count)
  var sums = [Double](repeating: 0, count: width * count)
  for _ in 0..<draws {
    for row in counts.indices { counts[row] = 0 }
    for group in sample.groups {
      for _ in group { counts[group.lowerBound + generator.index(below: group.count)] += 1 }
    }
    for place in sums.indices { sums[place] = 0 }
    var total = 0.0
    for row in weighted where counts[row] > 0 {
      let weight = Double(counts[row]) * sample.weights[row]
      total += weight
      for division in 0..<width {
        let place = bins[row * width + division]
        if place >= 0 { sums[Int(place)] += weight }
      }
    }
    guard total > 0 else { continue }
    for place in sums.indices { replicates[place].append(sums[place] / total) }
  }
  return intervals(width, count) { replicates[$0] }
}

/// The central 95 % of the values at each place, [divisions][bins].
private func intervals(
  _ divisions: Int, _ count: Int, _ values: (_ place: Int) -> [Double]
) -> [[ClosedRange<Double>]] {
  (0..<divisions).map { division in
    (0..<count).map { bin in
      let values = values(division * count + bin)
      return values.isEmpty ? 0...0 : quantile(values, 0.025)...quantile(values, 0.975)
    }
  }
}

/// The populations over draws of blocks, [draws][divisions · bins].
private func drawnPopulations(
  _ divisions: [[Int]], count: Int, over sample: AveragedSample, blocks: [[Range<Int>]],
  draws: Int, seed: UInt64
) -> [[Double]] {
  let width = 1 + divisions.count * count
  var sums: [Double] = []
  for block in blocks.joined() {
    var own = [Double](repeating: 0, count: width)
    for row in block { own[0] += sample.weights[row] }
    for (division, column) in divisions.enumerated() {
      for row in block where column[row] >= 0 {
        own[1 + division * count + column[row]] += sample.weights[row]
      }
    }
    sums += own
  }
  return drawnShares(of: blocks.map(\.count), sums: sums, width: width, draws: draws, seed: seed)
}
