import Kernels

/// All that a training needs to go on exactly where it stopped: a training that is resumed from it
/// has the bits of the uninterrupted one (`CheckpointTests`).
package struct TrainingState: Equatable, Sendable {
  /// The arrays as long as the weights: they, their average, two moments, the best weights, and
  /// those that drew the proposals of a training that draws some.
  static func arrays(draws: Bool) -> Int { draws ? 6 : 5 }

  /// Steps done.
  package var step = 0
  /// In the order of the flow's layout.
  package var weights: [Float]
  /// The moving average of the weights, which is what is validated and sampled from.
  package var average: [Float]
  var moments: AdamW.Moments
  /// The variance of the prior, [tokens, features]; ones unless the flow learns it.
  package var priorVariance: [Float]
  /// The averaged weights with the lowest validation loss so far; nil before the first validation.
  package var best: BestWeights?
  /// The sum of the training losses since the last validation, and their number.
  package var recentLoss = 0.0
  package var recentSteps = 0
  /// The running means of log w, for the terms of a target.
  var dispersion = LogDispersion()
  /// What drew the proposals that the training uses; nil before the first ones.
  package var drawing: Drawing?
  /// The loss of the first step, nats per sample; nil before it.
  package var firstLoss: Double?
  /// How often the training went back after it diverged.
  package var rewinds = 0

  /// The start of a training from weights that are there; from random ones when they are nil.
  package init(_ flow: TarFlow, seed: UInt64, weights: [Float]? = nil) {
    precondition(
      weights.map { $0.count == flow.layout.count } ?? true,
      "\(weights?.count ?? 0) weights for \(flow.layout.count) parameters")
    self.weights = weights ?? flow.layout.initialValues(seed: seed)
    average = self.weights
    moments = AdamW.Moments(count: average.count)
    priorVariance = [Float](repeating: 1, count: flow.dimensions)
  }

  init(
    weights: [Float], average: [Float], moments: AdamW.Moments, priorVariance: [Float]
  ) {
    (self.weights, self.average, self.moments) = (weights, average, moments)
    self.priorVariance = priorVariance
  }

  /// What the training has to show: the best weights, or the present averaged ones when none were
  /// compared.
  package var result: BestWeights {
    best ?? BestWeights(weights: average, priorVariance: priorVariance, loss: .infinity, step: step)
  }

  /// Keeps the present averaged weights if their validation loss is the lowest so far, and begins a
  /// new interval of recent training losses.
  ///
  /// - Parameter loss: In nats per sample; nil when there are no held-out samples, and the weights
  ///   are kept whatever was before.
  package mutating func keep(loss: Double?) {
    if loss.map({ $0 < best?.loss ?? .infinity }) ?? true {
      best = BestWeights(
        weights: average, priorVariance: priorVariance, loss: loss ?? .infinity, step: step)
    }
    recentLoss = 0
    recentSteps = 0
  }
}

/// The weights that drew the proposals which a training uses.
package struct Drawing: Equatable, Sendable {
  /// The step of the drawing.
  package var step: Int
  package var weights: [Float]
  /// `(Σw)²/(n Σw²)` of the proposals; 0 before they are drawn.
  package var effectiveSampleSize = 0.0
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
