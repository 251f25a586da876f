extension TrainingState {
  /// The start of a training from weights that are there; from random ones when they are nil.
  package init(_ flow: TarFlow, seed: UInt64, weights: [Float]?) {
    self.init(flow, seed: seed)
    guard let weights else { return }
    precondition(
      weights.count == flow.layout.count,
      "\(weights.count) weights for \(flow.layout.count) parameters")
    self.weights = weights
    average = weights
    best = weights
  }

  /// Takes the averaged weights of now for the best, when no held-out samples can tell, and begins a new interval of
  /// recent training losses.
  package mutating func keepLast() {
    best = average
    bestPriorVariance = priorVariance
    bestStep = step
    recentLoss = 0
    recentSteps = 0
  }
}
