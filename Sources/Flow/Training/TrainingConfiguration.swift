import Kernels

/// How the steps of a training are taken.
package struct StepConfiguration: Codable, Equatable, Sendable {
  /// Samples of a step.
  package var batch = 512
  /// The parts of a batch whose gradients are summed one by one; 0 for a number that follows from
  /// the shapes.
  ///
  /// It fixes the last digits, and how many workers, of all ranks together, can share a step.
  package var parts = 0
  package var optimizer = Optimizer.adamw
  /// Peak learning rate.
  package var learningRate = 6e-3
  package var schedule = Schedule.cosine
  package var weightDecay = 0.05
  package var beta1 = 0.9
  package var beta2 = 0.95
  /// The largest norm of the gradient of the mean loss per dimension, 0 for none; larger ones are
  /// scaled down.
  package var clip = 1.0
  /// The arithmetic of the layers' products.
  package var precision = Precision.auto
  /// Decay of the moving average of the weights, which is what is validated and sampled from; 0 for
  /// the weights themselves.
  package var averageDecay = 0.999
  /// Steps between validations; the best one is kept.
  package var validateEvery = 100
  /// Steps between checkpoints.
  package var checkpointEvery = 300

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case batch, parts, optimizer, schedule, beta1, beta2, clip, precision
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case averageDecay = "average_decay"
    case validateEvery = "validate_every"
    case checkpointEvery = "checkpoint_every"
  }

  /// Reads what `encode` writes; a record that names no optimizer has AdamW, and one that names no
  /// parts has those of the shapes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    batch = try container.decode(Int.self, forKey: .batch)
    parts = try container.decodeIfPresent(Int.self, forKey: .parts) ?? 0
    optimizer = try container.decodeIfPresent(Optimizer.self, forKey: .optimizer) ?? .adamw
    learningRate = try container.decode(Double.self, forKey: .learningRate)
    schedule = try container.decode(Schedule.self, forKey: .schedule)
    weightDecay = try container.decode(Double.self, forKey: .weightDecay)
    beta1 = try container.decode(Double.self, forKey: .beta1)
    beta2 = try container.decode(Double.self, forKey: .beta2)
    clip = try container.decode(Double.self, forKey: .clip)
    precision = try container.decode(Precision.self, forKey: .precision)
    averageDecay = try container.decode(Double.self, forKey: .averageDecay)
    validateEvery = try container.decode(Int.self, forKey: .validateEvery)
    checkpointEvery = try container.decode(Int.self, forKey: .checkpointEvery)
  }

  /// Checks the limits.
  /// - Throws: `FlowError.configuration` naming the first number outside of them by its key.
  package func validate() throws(FlowError) {
    try require(
      (1...mostCounted).contains(batch), "batch is \(batch), expected 1 to \(mostCounted)")
    try require(
      (0...mostParts).contains(parts), "parts is \(parts), expected 0 to \(mostParts)")
    try require(
      learningRate > 0 && learningRate.isFinite,
      "learning_rate is \(learningRate), expected above 0")
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "weight_decay is \(weightDecay), expected 0 or more"
    )
    try require(clip >= 0 && clip.isFinite, "clip is \(clip), expected 0 or more")
    for (name, decay) in [("average_decay", averageDecay), ("beta1", beta1), ("beta2", beta2)] {
      try require((0..<1).contains(decay), "\(name) is \(decay), expected 0 to below 1")
    }
    for (name, interval) in [
      ("validate_every", validateEvery), ("checkpoint_every", checkpointEvery),
    ] {
      try require(
        (1...mostCounted).contains(interval),
        "\(name) is \(interval), expected 1 to \(mostCounted)")
    }
  }
}

/// How a flow is trained: everything but the data.
@dynamicMemberLookup
package struct TrainingConfiguration: Equatable, Sendable {
  /// Optimizer steps.
  package var steps = 1_800
  /// Steps until the peak of the learning rate is reached.
  package var warmUp = 200
  /// Where the schedule ends, as a fraction of the peak.
  package var finalFraction = 0.02
  package var step = StepConfiguration()

  package init() {}

  package init(steps: Int, warmUp: Int, finalFraction: Double, step: StepConfiguration) {
    self.steps = steps
    self.warmUp = warmUp
    self.finalFraction = finalFraction
    self.step = step
  }

  /// The settings of a step, as those of the training.
  package subscript<Value>(
    dynamicMember setting: WritableKeyPath<StepConfiguration, Value>
  ) -> Value {
    get { step[keyPath: setting] }
    set { step[keyPath: setting] = newValue }
  }

  /// Takes the step of the optimizer along a gradient of this norm; the number of steps done stays.
  func takeStep(
    _ state: inout TrainingState, along gradient: [Float], norm: Double, layout: ParameterLayout,
    ranks: Ranks = .alone, workers: Int
  ) {
    let rate = rate(of: state, step: state.step)
    let factor = Float(clipFactor(norm: norm))
    let adamW = AdamW(beta1: step.beta1, beta2: step.beta2, weightDecay: step.weightDecay)
    adamW.update(
      step: state.step + 1, learningRate: rate, gradient: gradient, gradientFactor: factor,
      moments: &state.moments, weights: &state.weights,
      parts: step.optimizer == .muon ? layout.besideHiddenMatrices : nil, workers: workers)
    if step.optimizer == .muon {
      Muon(beta: step.beta1, weightDecay: step.weightDecay).update(
        layout.hiddenMatrices, learningRate: rate, gradient: gradient, gradientFactor: factor,
        averages: &state.moments.first, weights: &state.weights, ranks: ranks, workers: workers)
    }
  }

  /// The factor that brings a gradient of a norm down to the largest one that is wanted.
  func clipFactor(norm: Double) -> Double {
    step.clip == 0 ? 1 : min(1, step.clip / max(norm, 1e-30))
  }

  /// The learning rate of a step, from 0.
  package func scheduledRate(step index: Int) -> Double {
    step.schedule.rate(
      step: index, steps: steps, peak: step.learningRate, warmUp: warmUp,
      finalFraction: finalFraction)
  }

  /// Checks all numbers that can be checked without the samples.
  /// - Throws: `FlowError.configuration` naming the first outside of its limits by its key.
  package func validate() throws(FlowError) {
    for (name, count, least) in [("steps", steps, 1), ("warm_up", warmUp, 0)] {
      try require(
        (least...mostCounted).contains(count),
        "\(name) is \(count), expected \(least) to \(mostCounted)")
    }
    try require(
      (0...1).contains(finalFraction), "final_fraction is \(finalFraction), expected 0 to 1")
    try step.validate()
  }

  /// As `validate()`, and checks that a batch can be drawn from so many samples.
  /// - Throws: `FlowError.configuration` naming the first number outside of its limits by its key.
  package func validate(samples: Int) throws(FlowError) {
    try validate()
    try require(
      step.batch <= samples, "batch is \(step.batch), more than the \(samples) samples")
  }
}

/// Steps and places in a batch are counted in 32 bits where random numbers are drawn.
package let mostCounted = 1_000_000_000

/// Each part of a batch takes as much memory as the weights.
package let mostParts = 4_096

extension TrainingConfiguration: Codable {
  private enum CodingKeys: String, CodingKey {
    case steps
    case warmUp = "warm_up"
    case finalFraction = "final_fraction"
  }

  /// Reads what `encode` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    steps = try container.decode(Int.self, forKey: .steps)
    warmUp = try container.decode(Int.self, forKey: .warmUp)
    finalFraction = try container.decode(Double.self, forKey: .finalFraction)
    step = try StepConfiguration(from: decoder)
  }

  /// Writes the settings of a step beside those of the training.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(steps, forKey: .steps)
    try container.encode(warmUp, forKey: .warmUp)
    try container.encode(finalFraction, forKey: .finalFraction)
    try step.encode(to: encoder)
  }
}
