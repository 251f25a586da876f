import Foundation
import Kernels

/// Proposals that a flow has drawn for its own training, with the target's density of each.
///
/// They depend on the weights that drew them, the seed and the step alone, so that a training that
/// is resumed draws the same ones.
struct ProposalBuffer {
  /// The step at which they were drawn.
  let step: Int
  /// [proposals, tokens, features].
  let x: [Float]
  /// log p̃ and the log q that drew them, [proposals].
  let targets: [Double]
  let logDensities: [Double]
  /// How many are the flow's own proposals; those after them explore, and have no weights.
  let own: Int
  /// The order in which they are used, in which both kinds are spread evenly.
  let order: [Int]
  /// w over its mean, at most the largest weight that is wanted, [proposals].
  let weights: [Double]

  init(
    _ flow: TarFlow, _ settings: TargetConfiguration, target: TargetDensity, weights: [Float],
    seed: UInt64, step: Int, workers: Int
  ) {
    self.step = step
    let execution = Execution(workers: workers)
    let own = settings.drawn - Int(Double(settings.drawn) * settings.exploringShare)
    let proposals = flow.sample(
      own, seed: seed, stream: .proposals, step: step, weights: weights, execution: execution)
    let exploring = flow.sample(
      settings.drawn - own, from: own, seed: seed, stream: .proposals, step: step,
      circleTemperature: settings.exploringTemperature, weights: weights, execution: execution
    ).x
    x = proposals.x + exploring
    logDensities =
      proposals.logDensity
      + (exploring.isEmpty
        ? [] : flow.logDensity(exploring, weights: weights, execution: execution))
    targets = target(x, settings.inverseTemperature(drawnAt: step), workers)
    self.own = own
    order = interleaved(own, settings.drawn - own)
    self.weights =
      meanWeights(logWeights: zip(targets, logDensities).prefix(own).map(-)).map {
        min($0, settings.largestWeight)
      } + [Double](repeating: 0, count: settings.drawn - own)
  }

  var count: Int { targets.count }

  /// log w of the flow's own proposals.
  var logWeights: [Double] { zip(targets, logDensities).prefix(own).map(-) }

  /// `(Σw)²/(n Σw²)` of the flow's own proposals.
  var effectiveSampleSize: Double {
    let weights = meanWeights(logWeights: logWeights)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? Double(own) / squares : 0
  }
}

/// The numbers from 0 on of two groups that follow each other, mixed evenly.
private func interleaved(_ first: Int, _ second: Int) -> [Int] {
  func place(_ index: Int) -> Double {
    let (rank, count) = index < first ? (index, first) : (index - first, second)
    return (Double(rank) + 0.5) / Double(count)
  }
  return (0..<first + second).sorted { (place($0), $0) < (place($1), $1) }
}

/// w over its mean; all zero when no weight is finite.
private func meanWeights(logWeights: [Double]) -> [Double] {
  let top = logWeights.filter(\.isFinite).max() ?? 0
  let weights = logWeights.map { $0.isFinite ? exp($0 - top) : 0 }
  let mean = weights.reduce(0, +) / Double(weights.count)
  return mean > 0 ? weights.map { $0 / mean } : weights
}
