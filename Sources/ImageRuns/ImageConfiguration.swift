import Flow
import Foundation
import Images
import Kernels
import Runs

/// Everything that decides what an image run computes, apart from its images; the defaults are the published ones.
package struct ImageConfiguration: LayeredConfiguration, Equatable {
  package struct Noise: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
      case gaussian, uniform, none
    }

    package var kind = Kind.gaussian
    /// The standard deviation of the Gaussian, for pixels from −1 to 1.
    package var deviation = 0.05

    package var pixelNoise: PixelNoise {
      switch kind {
      case .gaussian: .gaussian(deviation)
      case .uniform: .uniform
      case .none: .none
      }
    }
  }

  package struct Network: Codable, Equatable, Sendable {
    /// Height and width of a patch, pixels.
    package var patch = 4
    package var width = 512
    package var blocks = 4
    package var layers = 8
    package var headWidth = 64
    package var expansion = 4
    package var volumePreserving = false

    private enum CodingKeys: String, CodingKey {
      case patch, width, blocks, layers, expansion
      case headWidth = "head_width"
      case volumePreserving = "volume_preserving"
    }
  }

  package struct Training: Codable, Equatable, Sendable {
    package var epochs = 100
    /// Optimizer steps; 0 for as many as the epochs have.
    package var steps = 0
    package var batch = 128
    package var learningRate = 1e-4
    /// The learning rate at the first and after the last step.
    package var lowestRate = 1e-6
    package var warmUpEpochs = 1.0
    package var schedule = Schedule.warmCosine
    package var weightDecay = 1e-4
    package var beta1 = 0.9
    package var beta2 = 0.95
    /// The largest norm of the gradient; 0 for none.
    package var clip = 0.0
    /// The arithmetic of the layers' products in training.
    package var precision = Precision.auto
    /// Decay of the moving average of the weights; 0 for the weights themselves.
    package var averageDecay = 0.0
    /// The probability that an image is shown without its class.
    package var labelDrop = 0.0
    /// Whether every second image, at random, is mirrored.
    package var flip = false
    /// Training images, the last ones, that are kept for validation; 0 for none: then the last weights are the result.
    package var heldOut = 0
    package var validateEvery = 100
    package var checkpointEvery = 500

    private enum CodingKeys: String, CodingKey {
      case epochs, steps, batch, schedule, beta1, beta2, clip, flip, precision
      case learningRate = "learning_rate"
      case lowestRate = "lowest_rate"
      case warmUpEpochs = "warm_up_epochs"
      case weightDecay = "weight_decay"
      case averageDecay = "average_decay"
      case labelDrop = "label_drop"
      case heldOut = "held_out"
      case validateEvery = "validate_every"
      case checkpointEvery = "checkpoint_every"
    }
  }

  package struct Sampling: Codable, Equatable, Sendable {
    /// Images of the grid, and how many stand in a row; a row has one class.
    package var count = 100
    package var columns = 10
    package var guidance = 0.0
    package var guide = "ab"
    package var attentionTemperature = 1.0
    package var annealed = true
    /// The multiple of the denoising step; 0 for none.
    package var denoise = 0.0

    private enum CodingKeys: String, CodingKey {
      case count, columns, guidance, guide, annealed, denoise
      case attentionTemperature = "attention_temperature"
    }
  }

  package var seed: UInt64 = 1
  package var noise = Noise()
  package var flow = Network()
  package var training = Training()
  package var sampling = Sampling()

  package init() {}

  package static let choices: [String: [String]] = [
    "noise.kind": Noise.Kind.allCases.map(\.rawValue)
  ]

  package func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws {
      if !holds { throw RunError.configuration(source: "configuration", problem: problem) }
    }
    try require(
      noise.deviation > 0 && noise.deviation.isFinite,
      "noise.deviation is \(noise.deviation), expected above 0")
    for (name, size, limit) in [
      ("patch", flow.patch, 1_000), ("width", flow.width, 10_000), ("blocks", flow.blocks, 256),
      ("layers", flow.layers, 256), ("head_width", flow.headWidth, 10_000),
      ("expansion", flow.expansion, 64),
    ] {
      try require((1...limit).contains(size), "flow.\(name) is \(size), expected 1 to \(limit)")
    }
    try require(
      flow.width % flow.headWidth == 0,
      "flow.width is \(flow.width), expected a multiple of flow.head_width, \(flow.headWidth)")
    let t = training
    try require(
      (1...1_000_000).contains(t.epochs), "training.epochs is \(t.epochs), expected 1 to 1000000")
    try require(t.steps >= 0, "training.steps is \(t.steps), expected 0 or more")
    try require(t.batch >= 1, "training.batch is \(t.batch), expected at least 1")
    try require(
      t.lowestRate >= 0 && t.lowestRate <= t.learningRate,
      "training.lowest_rate is \(t.lowestRate), expected 0 to the learning rate, \(t.learningRate)")
    try require(
      t.warmUpEpochs >= 0 && t.warmUpEpochs <= 1e6,
      "training.warm_up_epochs is \(t.warmUpEpochs), expected 0 or more")
    try require(t.clip >= 0, "training.clip is \(t.clip), expected 0 or more")
    try require(
      (0...1).contains(t.labelDrop), "training.label_drop is \(t.labelDrop), expected 0 to 1")
    try require(t.heldOut >= 0, "training.held_out is \(t.heldOut), expected 0 or more")
    let s = sampling
    try require(
      (0...100_000).contains(s.count), "sampling.count is \(s.count), expected 0 to 100000")
    try require(s.columns >= 1, "sampling.columns is \(s.columns), expected at least 1")
    try require(
      s.guidance >= 0 && s.guidance.isFinite,
      "sampling.guidance is \(s.guidance), expected 0 or more")
    try require(
      Guidance.Target(rawValue: s.guide) != nil, "sampling.guide is \(s.guide), expected a, b or ab"
    )
    try require(
      s.attentionTemperature > 0 && s.attentionTemperature.isFinite,
      "sampling.attention_temperature is \(s.attentionTemperature), expected above 0")
    try require(
      s.denoise >= 0 && s.denoise.isFinite, "sampling.denoise is \(s.denoise), expected 0 or more")
  }

  /// The flow for images of a system.
  package func model(of system: ImageSystem) -> ImageModelConfiguration {
    var model = ImageModelConfiguration(
      imageSize: system.imageSize, channels: system.channels, patchSize: flow.patch,
      width: flow.width, blocks: flow.blocks, layersPerBlock: flow.layers)
    model.headWidth = flow.headWidth
    model.expansion = flow.expansion
    model.classes = system.classes
    model.affineScale = !flow.volumePreserving
    return model
  }

  /// How sampled images are guided; nil for plain decoding.
  package var guidance: Guidance? {
    guard sampling.guidance > 0, let target = Guidance.Target(rawValue: sampling.guide) else {
      return nil
    }
    return Guidance(
      weight: sampling.guidance, target: target,
      attentionTemperature: sampling.attentionTemperature, isAnnealed: sampling.annealed)
  }

  /// The steps of an epoch, of whole batches, and of the training, for so many training images.
  package func steps(images: Int) throws -> (ofEpoch: Int, all: Int) {
    let used = images - training.heldOut
    guard training.batch <= used else {
      throw RunError.configuration(
        source: "configuration",
        problem: "training.batch is \(training.batch), expected 1 to the \(max(0, used)) training "
          + "images\(training.heldOut > 0 ? " that are not held out" : "")")
    }
    let ofEpoch = used / training.batch
    return (ofEpoch, training.steps > 0 ? training.steps : training.epochs * ofEpoch)
  }

  /// What the trainer needs, for so many training images.
  package func trainingConfiguration(images: Int) throws -> TrainingConfiguration {
    let steps = try steps(images: images)
    var settings = TrainingConfiguration()
    settings.steps = steps.all
    settings.batch = training.batch
    settings.learningRate = training.learningRate
    settings.schedule = training.schedule
    settings.warmUp = Int((training.warmUpEpochs * Double(steps.ofEpoch)).rounded())
    settings.finalFraction = training.lowestRate / training.learningRate
    settings.weightDecay = training.weightDecay
    settings.beta1 = training.beta1
    settings.beta2 = training.beta2
    settings.clip = training.clip > 0 ? training.clip : .infinity
    settings.precision = training.precision
    settings.averageDecay = training.averageDecay
    settings.validateEvery = training.validateEvery
    settings.checkpointEvery = training.checkpointEvery
    return settings
  }
}
