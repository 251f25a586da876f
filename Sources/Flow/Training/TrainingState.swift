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
  /// The variance of the prior, [tokens, features]; ones unless the flow learns it.
  package var priorVariance: [Float]
  /// The averaged weights with the lowest validation loss so far; nil before the first validation.
  package var best: BestWeights?
  /// The sum of the training losses since the last validation, and their number.
  package var recentLoss = 0.0
  package var recentSteps = 0

  /// The start of a training from weights that are there; from random ones when they are nil.
  package init(_ flow: TarFlow, seed: UInt64, weights: [Float]? = nil) {
    precondition(
      weights.map { $0.count == flow.layout.count } ?? true,
      "\(weights?.count ?? 0) weights for \(flow.layout.count) parameters")
    self.weights = weights ?? flow.layout.initialValues(seed: seed)
    average = self.weights
    first = [Float](repeating: 0, count: average.count)
    second = first
    priorVariance = [Float](repeating: 1, count: flow.dimensions)
  }

  init(
    weights: [Float], average: [Float], first: [Float], second: [Float], priorVariance: [Float]
  ) {
    (self.weights, self.average, self.first, self.second) = (weights, average, first, second)
    self.priorVariance = priorVariance
  }

  /// What the training has to show: the best weights, or the averaged ones of now when none were compared.
  package var result: BestWeights {
    best ?? BestWeights(weights: average, priorVariance: priorVariance, loss: .infinity, step: step)
  }

  /// Takes the averaged weights of now for the best, with the validation loss they have, and begins a new interval of
  /// recent training losses.
  ///
  /// - Parameter loss: Nil when no held-out samples can tell; the weights are then taken whatever was before.
  package mutating func keep(loss: Double?) {
    if loss.map({ $0 < best?.loss ?? .infinity }) ?? true {
      best = BestWeights(
        weights: average, priorVariance: priorVariance, loss: loss ?? .infinity, step: step)
    }
    recentLoss = 0
    recentSteps = 0
  }
}

/// Averaged weights that a training has chosen.
package struct BestWeights: Equatable, Sendable {
  package var weights: [Float]
  /// [tokens, features].
  package var priorVariance: [Float]
  /// The validation loss in nats per sample; infinite when there was none.
  package var loss: Double
  /// Steps done when they were chosen.
  package var step: Int
}
