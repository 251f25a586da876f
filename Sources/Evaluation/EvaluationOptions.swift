import Foundation

/// How proposals are evaluated; the defaults are the benchmark's.
package struct EvaluationOptions: Codable, Equatable, Sendable {
  /// Proposals are cut to their first `count`, the reference to as many frames, one of each stretch
  /// of it, and all proposals are resampled to as many.
  package var count = 10_000
  /// How the weighted proposals become a sample.
  package var resampling = Resampling.multinomial
  /// How many draws multinomial resampling averages over: seeds 0, 1, ….
  package var seeds = 5
  /// How many frames of each set T-W2 compares, 0 for no T-W2; it averages over two draws at most.
  package var torusPoints = 2_000
  /// The share of the largest weights that is dropped.
  package var clippedFraction = LogWeights.benchmarkClip
  /// How many pairs of samples the noise floor averages over.
  package var floorPairs = 200

  /// The numbers of frames, draws and points that are of use; T-W2 takes the square of its points in
  /// memory.
  package static let counts = 1...1_000_000_000
  package static let seedCounts = 1...10_000
  package static let torusPointCounts = 0...20_000

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case count, seeds
    case resampling = "resample"
    case torusPoints = "torus_points"
    case clippedFraction = "clip"
  }

  /// How weights become a sample, in words, such as "multinomial, clip 0.2 %".
  package var rule: String {
    "\(resampling.rawValue), "
      + (clippedFraction == 0 ? "no clip" : "clip \(String(format: "%g", 100 * clippedFraction)) %")
  }

  /// Checks the limits.
  /// - Throws: ``EvaluationError/option(_:)`` naming the first number outside of them by its key.
  package func validate() throws(EvaluationError) {
    func require(_ holds: Bool, _ problem: String) throws(EvaluationError) {
      if !holds { throw .option(problem) }
    }
    for (name, value, allowed) in [
      ("count", count, Self.counts), ("seeds", seeds, Self.seedCounts),
      ("torus_points", torusPoints, Self.torusPointCounts),
    ] {
      try require(
        allowed.contains(value),
        "\(name) is \(value), expected \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    try require(
      (0..<1).contains(clippedFraction), "clip is \(clippedFraction), expected 0 to below 1")
  }
}
