import Flow
import Runs

extension ImageConfiguration.Training {
  /// Checks what can be checked without images.
  /// - Throws: `RunError.configuration` naming the first number outside of its limits by its key.
  func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws(RunError) {
      if !holds { throw .configuration(source: "configuration", problem: "training.\(problem)") }
    }
    try require((1...1_000_000).contains(epochs), "epochs is \(epochs), expected 1 to 1000000")
    try require(
      (0...1_000_000_000).contains(steps), "steps is \(steps), expected 0 to 1000000000")
    try checkLimits(of: "training", step.validate)
    try require(
      lowestRate >= 0 && lowestRate <= step.learningRate,
      "lowest_rate is \(lowestRate), expected 0 to the learning rate, \(step.learningRate)")
    try require(
      warmUpEpochs >= 0 && warmUpEpochs <= 1e6,
      "warm_up_epochs is \(warmUpEpochs), expected 0 or more")
    try require((0...1).contains(labelDrop), "label_drop is \(labelDrop), expected 0 to 1")
    try require(heldOut >= 0, "held_out is \(heldOut), expected 0 or more")
  }

  /// The steps of an epoch, of whole batches, and of the training, for so many training images.
  /// - Throws: `RunError.configuration` when they are fewer than a batch.
  func steps(images: Int) throws(RunError) -> (ofEpoch: Int, all: Int) {
    let used = images - heldOut
    guard step.batch <= used else {
      throw .configuration(
        source: "configuration",
        problem: "training.batch is \(step.batch), expected 1 to the \(max(0, used)) training "
          + "images\(heldOut > 0 ? " that are not held out" : "")")
    }
    let ofEpoch = used / step.batch
    return (ofEpoch, steps > 0 ? steps : epochs * ofEpoch)
  }

  /// What the trainer needs, for so many training images.
  /// - Throws: `RunError.configuration` when they are fewer than a batch.
  func configuration(images: Int) throws(RunError) -> TrainingConfiguration {
    let steps = try steps(images: images)
    return TrainingConfiguration(
      steps: steps.all, warmUp: Int((warmUpEpochs * Double(steps.ofEpoch)).rounded()),
      finalFraction: lowestRate / step.learningRate, step: step)
  }
}

extension ImageConfiguration.Training: Codable {
  private enum CodingKeys: String, CodingKey {
    case epochs, steps, flip
    case lowestRate = "lowest_rate"
    case warmUpEpochs = "warm_up_epochs"
    case labelDrop = "label_drop"
    case heldOut = "held_out"
    case heldOutFrom = "held_out_from"
  }

  /// Reads what `encode` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epochs = try container.decode(Int.self, forKey: .epochs)
    steps = try container.decode(Int.self, forKey: .steps)
    lowestRate = try container.decode(Double.self, forKey: .lowestRate)
    warmUpEpochs = try container.decode(Double.self, forKey: .warmUpEpochs)
    labelDrop = try container.decode(Double.self, forKey: .labelDrop)
    flip = try container.decode(Bool.self, forKey: .flip)
    heldOut = try container.decode(Int.self, forKey: .heldOut)
    // Records of before there was a choice do not name it.
    heldOutFrom = try container.decodeIfPresent(HeldOutPlace.self, forKey: .heldOutFrom) ?? .end
    step = try StepConfiguration(from: decoder)
  }

  /// Writes the settings of a step beside those of the training.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(steps, forKey: .steps)
    try container.encode(lowestRate, forKey: .lowestRate)
    try container.encode(warmUpEpochs, forKey: .warmUpEpochs)
    try container.encode(labelDrop, forKey: .labelDrop)
    try container.encode(flip, forKey: .flip)
    try container.encode(heldOut, forKey: .heldOut)
    try container.encode(heldOutFrom, forKey: .heldOutFrom)
    try step.encode(to: encoder)
  }
}
