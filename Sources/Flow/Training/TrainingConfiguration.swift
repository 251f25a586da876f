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

  /// Checks all numbers that can be checked without the samples.
  /// - Throws: `FlowError.configuration` naming the first that makes no sense.
  package func validate() throws(FlowError) {
    func require(_ holds: Bool, _ what: String) throws(FlowError) {
      if !holds { throw FlowError.configuration(what) }
    }
    // Steps and places in a batch are counted in 32 bits where random numbers are drawn.
    let most = 1_000_000_000
    for (name, count, least) in [("steps", steps, 1), ("batch", batch, 1), ("warm-up", warmUp, 0)] {
      try require(
        (least...most).contains(count), "\(name) is \(count), expected \(least) to \(most)")
    }
    try require(
      learningRate > 0 && learningRate.isFinite,
      "learning rate is \(learningRate), expected above 0")
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "weight decay is \(weightDecay), expected 0 or more"
    )
    try require(clip > 0, "clip is \(clip), expected above 0")
    try require(
      (0...1).contains(finalFraction), "final fraction is \(finalFraction), expected 0 to 1")
    for (name, decay) in [
      ("average decay", averageDecay), ("beta1", beta1), ("beta2", beta2),
    ] {
      try require((0..<1).contains(decay), "\(name) is \(decay), expected 0 to below 1")
    }
    for (name, interval) in [("validation", validateEvery), ("checkpoint", checkpointEvery)] {
      try require(
        interval >= 1, "\(name) interval is \(interval) steps, expected at least 1")
    }
  }

  /// As `validate()`, and checks that a batch can be drawn from so many samples.
  /// - Throws: `FlowError.configuration` naming the first number that makes no sense.
  package func validate(samples: Int) throws(FlowError) {
    try validate()
    if batch > samples {
      throw .configuration("the batch is \(batch), more than the \(samples) samples")
    }
  }
}
