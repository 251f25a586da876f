import Kernels

/// The classes of training samples, and how often a batch leaves one out.
package struct TrainingLabels: Equatable, Sendable {
  /// The class of each sample, [samples].
  package let values: [Int]
  /// The probability that a sample is shown without its class, so that the flow also learns to do
  /// without.
  package let dropped: Double

  /// - Precondition: `dropped` is a probability.
  package init(_ values: [Int], dropped: Double = 0) {
    precondition((0...1).contains(dropped), "\(dropped) of the classes dropped, expected 0 to 1")
    self.values = values
    self.dropped = dropped
  }

  /// The labels of a step's samples, −1 where they are left out; depends on the seed and the step
  /// alone.
  func batch(_ indices: ArraySlice<Int>, seed: UInt64, step: Int) -> [Int] {
    guard dropped > 0 else { return indices.map { values[$0] } }
    return indices.enumerated().map { place, sample in
      var generator = RandomGenerator(seed: seed, stream: .labelDrop, step: step, index: place)
      return generator.uniform() < dropped ? -1 : values[sample]
    }
  }
}
