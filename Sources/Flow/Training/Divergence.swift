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
