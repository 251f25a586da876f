import Kernels

/// How a flow is trained: everything but the data.
package struct TrainingConfiguration: Codable, Equatable, Sendable {
  /// Optimizer steps.
  package var steps = 1_800
  /// Samples of a step.
  package var batch = 512
  /// Peak learning rate.
  package var learningRate = 6e-3
  package var schedule = Schedule.cosine
  /// Steps until the peak is reached.
  package var warmUp = 200
  /// Where the cosine ends, as a fraction of the peak.
  package var finalFraction = 0.02
  package var weightDecay = 0.05
  package var beta1 = 0.9
  package var beta2 = 0.95
  /// The largest norm of the gradient of the mean loss per dimension; larger ones are scaled down.
  package var clip = 1.0
  /// The arithmetic of the layers' products.
  package var precision = Precision.auto
  /// Decay of the moving average of the weights, which is what is validated and sampled from.
  package var averageDecay = 0.999
  /// Steps between validations; the best one is kept.
  package var validateEvery = 100
  /// Steps between checkpoints.
  package var checkpointEvery = 300

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case steps, batch, schedule, beta1, beta2, clip, precision
    case learningRate = "learning_rate"
    case warmUp = "warm_up"
    case finalFraction = "final_fraction"
    case weightDecay = "weight_decay"
    case averageDecay = "average_decay"
    case validateEvery = "validate_every"
    case checkpointEvery = "checkpoint_every"
  }

  var optimizer: AdamW { AdamW(beta1: beta1, beta2: beta2, weightDecay: weightDecay) }

  /// The learning rate of a step, from 0.
  package func learningRate(step: Int) -> Double {
    schedule.rate(
      step: step, steps: steps, peak: learningRate, warmUp: warmUp, finalFraction: finalFraction)
  }

  /// Checks that the numbers make sense.
  /// - Throws: `FlowError.configuration` naming the first that does not.
  package func validate(samples: Int) throws(FlowError) {
    func require(_ holds: Bool, _ what: String) throws(FlowError) {
      if !holds { throw FlowError.configuration("training." + what) }
    }
    try require(steps >= 1, "steps is \(steps), expected at least 1")
    try require(
      batch >= 1 && batch <= samples,
      "batch is \(batch), expected 1 to the \(samples) training frames")
    try require(
      learningRate > 0 && learningRate.isFinite,
      "learning_rate is \(learningRate), expected above 0")
    try require(warmUp >= 0, "warm_up is \(warmUp), expected 0 or more")
    try require(
      (0...1).contains(finalFraction), "final_fraction is \(finalFraction), expected 0 to 1")
    try require(clip > 0, "clip is \(clip), expected above 0")
    try require((0..<1).contains(averageDecay), "average_decay is \(averageDecay), expected 0 to 1")
    try require((0..<1).contains(beta1), "beta1 is \(beta1), expected 0 to 1")
    try require((0..<1).contains(beta2), "beta2 is \(beta2), expected 0 to 1")
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "weight_decay is \(weightDecay), expected 0 or more"
    )
    try require(validateEvery >= 1, "validate_every is \(validateEvery), expected at least 1")
    try require(checkpointEvery >= 1, "checkpoint_every is \(checkpointEvery), expected at least 1")
  }
}
