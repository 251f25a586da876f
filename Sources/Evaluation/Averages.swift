import Foundation

/// An average with its error, and what that rests on.
package struct Average: Codable, Equatable, Sendable {
  package var value: Double
  /// The standard error: of proposals the larger of the bootstrap's and of
  /// ``AveragedSample/error(ofMean:)``, of chains the latter.
  package var error: Double
  /// How many independent samples of the target would do as well; nil for what never changes.
  package var effectiveSamples: Double?
  /// The shape of the tail of the proposals' contributions; nil for chains, or without a tail.
  package var paretoShape: Double?

  package init(
    value: Double, error: Double, effectiveSamples: Double? = nil, paretoShape: Double? = nil
  ) {
    (self.value, self.error) = (value, error)
    (self.effectiveSamples, self.paretoShape) = (effectiveSamples, paretoShape)
  }

  package var estimate: Estimate { Estimate(value: value, error: error) }

  private enum CodingKeys: String, CodingKey {
    case value, error
    case effectiveSamples = "effective_samples"
    case paretoShape = "pareto_k"
  }
}

/// Averages of several quantities over one sample, and free energies between states, with errors.
///
/// A state is a quantity that is 1 in it and 0 elsewhere; its average is its population.
package struct Averages: Sendable {
  /// How many times the bootstrap draws; the error of an error is 5 %.
  package static let draws = 200

  package let sample: AveragedSample
  /// The values of a quantity, [rows]; 0 where there is no weight.
  private let column: @Sendable (_ quantity: Int) -> [Double]
  private let means: [Double]
  /// The means over each draw of the bootstrap, [draws][quantities]; empty for chains.
  private let replicates: [[Double]]

  /// - Parameters:
  ///   - columns: The quantities, [quantities][rows]; rows without a weight need no value.
  ///   - draws: How many times proposals are drawn with replacement, within their runs; 0 for none.
  ///   - seed: That of the draws, by ``PCG64``.
  package init(
    of columns: [[Double]], over sample: AveragedSample, draws: Int = Self.draws, seed: UInt64 = 0
  ) {
    self.init(columns.count, over: sample, draws: draws, seed: seed, blocks: nil) { columns[$0] }
  }

  /// Averages of columns that are made one at a time, when they are needed.
  ///
  /// Of more than ``mostDrawnRows`` the bootstrap draws blocks.
  ///
  /// - Parameters:
  ///   - count: How many quantities there are.
  ///   - column: The values of a quantity, [rows]; rows without a weight need no value.
  package init(
    _ count: Int, over sample: AveragedSample, draws: Int = Self.draws, seed: UInt64 = 0,
    column: @escaping @Sendable (_ quantity: Int) -> [Double]
  ) {
    self.init(
      count, over: sample, draws: draws, seed: seed, blocks: bootstrapBlocks(of: sample),
      column: column)
  }

  private init(
    _ count: Int, over sample: AveragedSample, draws: Int, seed: UInt64, blocks: [[Range<Int>]]?,
    column: @escaping @Sendable (_ quantity: Int) -> [Double]
  ) {
    self.sample = sample
    let clean = { @Sendable (quantity: Int) -> [Double] in
      zip(sample.weights, column(quantity)).map { $0 > 0 ? $1 : 0 }
    }
    self.column = clean
    means = (0..<count).map { sample.mean(clean($0)) }
    guard sample.kind == .proposals, count > 0, draws > 0 else {
      replicates = []
      return
    }
    replicates =
      if let blocks {
        blockMeans(count, over: sample, blocks: blocks, draws: draws, seed: seed, column: clean)
      } else {
        bootstrapMeans(of: (0..<count).map(clean), over: sample, draws: draws, seed: seed)
      }
  }

  /// The values of a quantity, [rows]; 0 where there is no weight.
  package func values(_ quantity: Int) -> [Double] { column(quantity) }

  /// The average of a quantity.
  package func average(_ quantity: Int) -> Average {
    let (column, mean) = (column(quantity), means[quantity])
    let error = larger(sample.error(ofMean: column), replicates.map { $0[quantity] })
    return Average(
      value: mean, error: error,
      effectiveSamples: sample.effectiveSamples(for: column, error: error),
      paretoShape: sample.paretoShape(for: column))
  }

  /// The free energy of state b above that of state a, `−ln(p_b/p_a)`, in units of kT.
  ///
  /// By the delta method its error is that of the mean of `1_a/p_a − 1_b/p_b`.
  ///
  /// - Parameter a: A state; nil for all that is not b.
  /// - Returns: nil where either has no population.
  package func freeEnergy(of b: Int, above a: Int? = nil) -> Estimate? {
    let (first, second) = (a.map { means[$0] } ?? 1 - means[b], means[b])
    // A rest of rounding is no population.
    guard first > 1e-12, second > 1e-12 else { return nil }
    let (others, members) = (a.map(column), column(b))
    let influences = sample.weights.indices.map { row in
      let (inA, inB) = (others.map { $0[row] } ?? 1 - members[row], members[row])
      return sample.weights[row] > 0 ? inA / first - inB / second : 0
    }
    let repeated = replicates.compactMap { means -> Double? in
      let (first, second) = (a.map { means[$0] } ?? 1 - means[b], means[b])
      return first > 0 && second > 0 ? -log(second / first) : nil
    }
    return Estimate(
      value: -log(second / first), error: larger(sample.error(ofMean: influences), repeated))
  }

  /// The mean direction of angles whose cosines and sines are two of the quantities,
  /// `atan2(⟨sin⟩, ⟨cos⟩)`, rad.
  ///
  /// Its error is that of the mean of `sin(θ − θ̄)/R`, R the length of the mean vector.
  package func direction(cosine: Int, sine: Int) -> Estimate {
    let (x, y) = (means[cosine], means[sine])
    let square = x * x + y * y
    let influences = zip(column(cosine), column(sine)).map { ($1 * x - $0 * y) / square }
    return Estimate(value: atan2(y, x), error: sample.error(ofMean: influences))
  }

  private func larger(_ error: Double, _ repeated: [Double]) -> Double {
    repeated.count > 1 ? max(error, deviation(repeated)) : error
  }
}

/// Weighted means over proposals drawn with replacement, as many from each run as it has,
/// [draws][quantities].
private func bootstrapMeans(
  of columns: [[Double]], over sample: AveragedSample, draws: Int, seed: UInt64
) -> [[Double]] {
  let width = columns.count
  // Row after row, so that a row's values lie together.
  var values = [Double](repeating: 0, count: sample.rows * width)
  for (quantity, column) in columns.enumerated() {
    for row in column.indices { values[row * width + quantity] = column[row] }
  }
  var generator = PCG64(seed: seed)
  var counts = [Int32](repeating: 0, count: sample.rows)
  return (0..<draws).compactMap { _ in
    for row in counts.indices { counts[row] = 0 }
    for group in sample.groups {
      for _ in group { counts[group.lowerBound + generator.index(below: group.count)] += 1 }
    }
    var (total, sums) = (0.0, [Double](repeating: 0, count: width))
    values.withUnsafeBufferPointer { values in
      for row in counts.indices where counts[row] > 0 && sample.weights[row] > 0 {
        let weight = Double(counts[row]) * sample.weights[row]
        total += weight
        for quantity in 0..<width { sums[quantity] += weight * values[row * width + quantity] }
      }
    }
    return total > 0 ? sums.map { $0 / total } : nil
  }
}

/// Weighted means over blocks of proposals drawn with replacement, [draws][quantities].
private func blockMeans(
  _ count: Int, over sample: AveragedSample, blocks: [[Range<Int>]], draws: Int, seed: UInt64,
  column: (_ quantity: Int) -> [Double]
) -> [[Double]] {
  let (width, all) = (1 + count, Array(blocks.joined()))
  var sums = [Double](repeating: 0, count: all.count * width)
  for (number, block) in all.enumerated() {
    for row in block { sums[number * width] += sample.weights[row] }
  }
  for quantity in 0..<count {
    let values = column(quantity)
    for (number, block) in all.enumerated() {
      var sum = 0.0
      for row in block { sum += sample.weights[row] * values[row] }
      sums[number * width + 1 + quantity] = sum
    }
  }
  return drawnShares(of: blocks.map(\.count), sums: sums, width: width, draws: draws, seed: seed)
}
