/// The mean of numbers; NaN of none.
func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

/// The standard deviation of numbers, for their own mean: over `n − 1`.
///
/// - Precondition: There are at least two.
func deviation(_ numbers: [Double]) -> Double {
  let mean = mean(numbers)
  let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(numbers.count - 1)).squareRoot()
}

/// The standard error of the mean of numbers from a trajectory, from the means of 40 blocks of
/// successive frames: right for independent frames, and for those in time order if a block is
/// longer than what they remember.
///
/// - Returns: 0 for fewer than two numbers.
func blockError(_ numbers: [Double]) -> Double {
  let blocks = blocks(of: numbers.count)
  guard blocks.count > 1 else { return 0 }
  let means = blocks.map { numbers[$0].reduce(0, +) / Double($0.count) }
  return deviation(means) / Double(blocks.count).squareRoot()
}

/// The standard error of the mean of numbers from a trajectory: that of its chains
/// (``AveragedSample/error(ofMean:)``), or ``blockError(_:)`` where they are not known.
///
/// - Parameter chains: The frames of each chain in the order of time, [chains].
func meanError(_ numbers: [Double], chains: [[Int]]?) -> Double {
  guard let chains else { return blockError(numbers) }
  return AveragedSample(chains: chains.map(\.count))
    .error(ofMean: chains.joined().map { numbers[$0] })
}

/// How many independent frames would average numbers as well, `σ²/error²` and at most all of them;
/// nil for numbers that never change.
func independentFrames(_ numbers: [Double], error: Double) -> Double? {
  guard error > 0 else { return nil }
  let mean = mean(numbers)
  let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
  return min(Double(numbers.count), variance / (error * error))
}

/// The frames of each chain where some frames alone are kept, by their places among these.
func thinnedChains(_ chains: [[Int]], to frames: [Int]) -> [[Int]] {
  let places = Dictionary(uniqueKeysWithValues: zip(frames, frames.indices))
  return chains.map { $0.compactMap { places[$0] } }.filter { !$0.isEmpty }
}

/// The standard error of an estimate from a trajectory, from its values with one of the blocks of
/// ``blockError(_:)`` left out at a time.
func blockJackknifeError(_ numbers: [Double], of estimate: ([Double]) -> Double) -> Double {
  let blocks = blocks(of: numbers.count)
  guard blocks.count > 1 else { return 0 }
  let others = blocks.map { block in
    estimate(Array(numbers[..<block.lowerBound] + numbers[block.upperBound...]))
  }
  return deviation(others) * (Double(blocks.count) - 1) / Double(blocks.count).squareRoot()
}

/// At most 40 ranges of about equal length.
private func blocks(of count: Int) -> [Range<Int>] {
  let blocks = min(40, count)
  return (0..<blocks).map { $0 * count / blocks..<($0 + 1) * count / blocks }
}
