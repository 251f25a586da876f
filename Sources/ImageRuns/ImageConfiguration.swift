import Flow
import Foundation
import Images
import Kernels
import Runs

/// Everything that decides what an image run computes, apart from its images; the defaults are the
/// published ones.
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

  @dynamicMemberLookup
  package struct Training: Equatable, Sendable {
    package var epochs = 100
    /// Optimizer steps; 0 for as many as the epochs have.
    package var steps = 0
    /// The learning rate at the first and after the last step.
    package var lowestRate = 1e-6
    package var warmUpEpochs = 1.0
    /// The probability that an image is shown without its class.
    package var labelDrop = 0.0
    /// Whether every second image, at random, is mirrored.
    package var flip = false
    /// Training images that are kept for validation; 0 for none: then the last weights are the
    /// result.
    package var heldOut = 0
    package var heldOutFrom = HeldOutPlace.end
    package var step = published

    /// The steps of the published code.
    private static let published: StepConfiguration = {
      var step = StepConfiguration()
      step.batch = 128
      step.learningRate = 1e-4
      step.schedule = .warmCosine
      step.weightDecay = 1e-4
      step.clip = 0
      step.averageDecay = 0
      step.checkpointEvery = 500
      return step
    }()

    /// The settings of a step, as those of the training.
    package subscript<Value>(
      dynamicMember setting: WritableKeyPath<StepConfiguration, Value>
    ) -> Value {
      get { step[keyPath: setting] }
      set { step[keyPath: setting] = newValue }
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
  package var flow = ImageNetwork()
  package var training = Training()
  package var sampling = Sampling()

  package init() {}

  package static let choices: [String: [String]] = [
    "noise.kind": Noise.Kind.allCases.map(\.rawValue),
    "sampling.guide": Guidance.Target.allCases.map(\.rawValue),
    "training.held_out_from": HeldOutPlace.allCases.map(\.rawValue),
    "training.optimizer": Optimizer.allCases.map(\.rawValue),
    "training.schedule": Schedule.allCases.map(\.rawValue),
    "training.precision": Precision.allCases.map(\.rawValue),
  ]

  package func validate() throws {
    func require(_ holds: Bool, _ problem: String) throws {
      if !holds { throw RunError.configuration(source: "configuration", problem: problem) }
    }
    try require(
      noise.deviation > 0 && noise.deviation.isFinite,
      "noise.deviation is \(noise.deviation), expected above 0")
    try checkLimits(of: "flow", flow.validate)
    try training.validate()
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
      (1e-6...1e6).contains(s.attentionTemperature),
      "sampling.attention_temperature is \(s.attentionTemperature), expected 1e-6 to 1e6")
    try require(
      s.denoise >= 0 && s.denoise.isFinite, "sampling.denoise is \(s.denoise), expected 0 or more")
  }

  /// The flow for images of a system.
  package func model(of system: ImageSystem) -> ImageModelConfiguration {
    ImageModelConfiguration(
      imageSize: system.imageSize, channels: system.channels, classes: system.classes,
      network: flow)
  }

  /// Whether sampled images are denoised: the noise that is taken away is Gaussian.
  package var denoises: Bool { sampling.denoise > 0 && noise.kind == .gaussian }

  /// Checks that guidance, where there is some, does something: a flow without classes has one pass,
  /// unless the attention of the second has another temperature.
  /// - Throws: `RunError.configuration`.
  func checkGuidance(classes: Int) throws(RunError) {
    guard classes == 0, let guidance, guidance.attentionTemperature == 1 else { return }
    throw .configuration(
      source: "configuration",
      problem: "sampling.guidance is \(sampling.guidance), but the images have no classes that "
        + "could guide; leave it out, or set sampling.attention_temperature")
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
}
