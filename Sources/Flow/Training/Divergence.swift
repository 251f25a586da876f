/// A training that diverges goes back to its last checkpoint, with a lower learning rate.
package enum Divergence {
  /// How often a training goes back before it gives up.
  package static let mostRewinds = 3
  /// The factor of the learning rate each time.
  package static let rateFactor = 0.25
}

extension TrainingState {
  /// Whether a loss has left every earlier one behind: it is a nat per dimension above the first
  /// step's or above the best, whichever is lower.
  ///
  /// Samples are standardised, so that an untrained flow begins about that far above a trained one.
  ///
  /// - Parameters:
  ///   - loss: In nats per sample.
  ///   - dimensions: Of a sample.
  package func hasDiverged(loss: Double, dimensions: Int) -> Bool {
    let least = min(firstLoss ?? .infinity, best?.loss ?? .infinity)
    return !loss.isFinite || loss > least + Double(dimensions)
  }

  /// Whether the training has diverged at a step that ends an interval: the validation loss is not
  /// finite, or it and the training loss have both left every earlier one behind.
  ///
  /// Weights that overfit have a high validation loss, but a low training loss.
  ///
  /// - Parameters:
  ///   - validation: The loss of held-out samples, nats per sample; nil where there are none, and
  ///     the mean training loss counts alone.
  ///   - mean: The mean training loss of the interval.
  ///   - last: The loss of its last step.
  package func hasDiverged(
    validation: Double?, mean: Double, last: Double, dimensions: Int
  ) -> Bool {
    guard let validation else { return hasDiverged(loss: mean, dimensions: dimensions) }
    guard validation.isFinite else { return true }
    return hasDiverged(loss: min(validation, max(mean, last)), dimensions: dimensions)
  }
}

extension TrainingConfiguration {
  /// The learning rate of a step, from 0: the scheduled one, lower after the training diverged.
  package func rate(of state: TrainingState, step: Int) -> Double {
    (0..<state.rewinds).reduce(scheduledRate(step: step)) { rate, _ in
      rate * Divergence.rateFactor
    }
  }
}

extension Trainer {
  /// Forgets the proposals of a state that the training does not go on from.
  package mutating func forgetProposals() { buffer = nil }
}
