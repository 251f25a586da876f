import Foundation
import Kernels

/// Proposals that a flow has drawn for its own training, with the target's density of each.
///
/// They depend on the weights that drew them, the seed and the step alone, so that a training that
/// is resumed draws the same ones, with any number of ranks.
struct ProposalBuffer {
  /// The step at which they were drawn.
  let step: Int
  /// [proposals, tokens, features].
  let x: [Float]
  /// log p̃ and the log q that drew them, [proposals].
  let targets: [Double]
  let logDensities: [Double]
  /// w over its mean, at most the largest weight that is wanted, [proposals].
  let weights: [Double]

  init(
    _ flow: TarFlow, _ settings: TargetConfiguration, target: TargetDensity, weights: [Float],
    seed: UInt64, step: Int, ranks: Ranks, workers: Int
  ) {
    self.step = step
    let shares = ranks.shares(of: settings.drawn)
    let own = shares[ranks.rank]
    let drawn = flow.sample(
      own.count, from: own.lowerBound, seed: seed, stream: .proposals, step: step,
      weights: weights, execution: Execution(workers: workers))
    x = ranks.gathered(drawn.x, shares: shares, size: flow.dimensions)
    logDensities = ranks.gathered(drawn.logDensity, shares: shares)
    targets = ranks.gathered(
      target(drawn.x, settings.inverseTemperature(drawnAt: step), workers), shares: shares)
    self.weights = meanWeights(logWeights: zip(targets, logDensities).map(-)).map {
      min($0, settings.largestWeight)
    }
  }

  var count: Int { targets.count }

  var logWeights: [Double] { zip(targets, logDensities).map(-) }

  /// `(Σw)²/(n Σw²)` of all proposals.
  var effectiveSampleSize: Double {
    let weights = meanWeights(logWeights: logWeights)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? Double(count) / squares : 0
  }
}

/// w over its mean; all zero when no weight is finite.
private func meanWeights(logWeights: [Double]) -> [Double] {
  let top = logWeights.filter(\.isFinite).max() ?? 0
  let weights = logWeights.map { $0.isFinite ? exp($0 - top) : 0 }
  let mean = weights.reduce(0, +) / Double(weights.count)
  return mean > 0 ? weights.map { $0 / mean } : weights
}
