import Kernels

/// All that a training needs to go on exactly where it stopped.
package struct TrainingState: Equatable, Sendable {
  /// Steps done.
  package var step = 0
  /// The weights, the moving average of the weights, and AdamW's two moments, in the order of the flow's layout.
  package var weights: [Float]
  package var average: [Float]
  var first: [Float]
  var second: [Float]
  /// The averaged weights with the lowest validation loss so far, that loss in nats per sample, and their step.
  package var best: [Float]
  package var bestLoss = Double.infinity
  package var bestStep = 0
  /// The variance of the prior, [tokens, features], and that of the best weights; ones unless the flow learns it.
  package var priorVariance: [Float]
  package var bestPriorVariance: [Float]
  /// The sum of the training losses since the last validation, and their number.
  package var recentLoss = 0.0
  package var recentSteps = 0

  /// The start of a training.
  package init(_ flow: TarFlow, seed: UInt64) {
    weights = flow.layout.initialValues(seed: seed)
    average = weights
    best = weights
    first = [Float](repeating: 0, count: weights.count)
    second = first
    priorVariance = [Float](repeating: 1, count: flow.dimensions)
    bestPriorVariance = priorVariance
  }

  init(
    weights: [Float], average: [Float], first: [Float], second: [Float], best: [Float],
    priorVariance: [Float], bestPriorVariance: [Float]
  ) {
    (self.weights, self.average, self.first, self.second) = (weights, average, first, second)
    self.best = best
    self.priorVariance = priorVariance
    self.bestPriorVariance = bestPriorVariance
  }
}
