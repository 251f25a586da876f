import ArgumentParser
import Flow
import Foundation
import Images
import Kernels

/// Images drawn from a flow.
struct ImageSamples {
  /// [images, channels, height, width].
  let pixels: [Float]
  /// Standard normal noise that they came from, [images, tokens, features].
  let noise: [Float]
  /// The images after every block, the noise first; empty unless asked for.
  let sequence: [[Float]]

  /// The images side by side.
  func grid(_ model: ImageModel, columns: Int) -> ImageGrid {
    ImageGrid(pixels, shape: model.shape, columns: columns)
  }
}

/// How images are drawn.
struct ImageSamplingPlan {
  var count: Int
  /// A class for each, −1 for none; nil for a flow without classes.
  var labels: [Int]?
  var seed: UInt64
  var guidance: Guidance?
  var fixedPoint: FixedPoint?
  /// The noise's standard deviation and the multiple of the denoising step; nil for none.
  var denoising: (deviation: Double, strength: Double)?
  var keepsSequence = false
}

/// Draws images; the same seed gives the same ones for any number of workers.
func drawImages(_ model: ImageModel, _ plan: ImageSamplingPlan, options: SharedOptions)
  -> ImageSamples
{
  let noise = model.noise(plan.count, seed: plan.seed)
  let blocks = plan.keepsSequence ? model.configuration.blocks : 1
  let progress = Progress("sampling", total: plan.count * blocks, quiet: options.quiet)
  var sequence: [[Float]] = []
  let keep: ([Float]) -> Void = { sequence.append($0) }
  var pixels = model.decode(
    noise, labels: plan.labels, guidance: plan.guidance, fixedPoint: plan.fixedPoint,
    execution: options.execution,
    onBlock: plan.keepsSequence ? keep : nil, onProgress: { progress.advance(by: $0) })
  progress.finish()
  if let (deviation, strength) = plan.denoising {
    pixels = model.denoise(
      pixels, labels: plan.labels, deviation: deviation, strength: strength,
      execution: options.execution)
  }
  return ImageSamples(pixels: pixels, noise: noise, sequence: sequence)
}

/// The samples that end a training.
func drawSamples(
  _ model: ImageModel, _ configuration: ImageConfiguration, options: SharedOptions
) throws -> ImageSamples {
  let sampling = configuration.sampling
  var plan = ImageSamplingPlan(
    count: sampling.count,
    labels: classesByRow(model, count: sampling.count, columns: sampling.columns),
    seed: configuration.seed, guidance: configuration.guidance)
  if sampling.denoise > 0, configuration.noise.kind == .gaussian {
    plan.denoising = (configuration.noise.deviation, sampling.denoise)
  }
  return drawImages(model, plan, options: options)
}

/// One class in each row of a grid, from the first on, again and again; nil for a flow without classes.
func classesByRow(_ model: ImageModel, count: Int, columns: Int) -> [Int]? {
  let classes = model.configuration.classes
  return classes == 0 ? nil : (0..<count).map { $0 / columns % classes }
}

/// Options of guided decoding.
struct GuidanceOptions: ParsableArguments {
  @Option(help: "The guidance weight; 0 is plain decoding.")
  var guidance = 0.0

  @Option(help: "What is guided: a (log-scales), b (shifts) or ab.")
  var guide = Guidance.Target.both

  @Option(help: "Divides the attention logits of the unconditional pass.")
  var attentionTemperature = 1.0

  @Flag(help: "Let the guidance grow over the tokens, from 0 to its weight.")
  var annealed = false

  func validate() throws {
    if !(guidance >= 0 && guidance.isFinite) {
      throw ValidationError("--guidance is \(guidance), expected 0 or more")
    }
    if !(attentionTemperature > 0 && attentionTemperature.isFinite) {
      throw ValidationError(
        "--attention-temperature is \(attentionTemperature), expected above 0")
    }
  }

  /// Nil for plain decoding.
  var value: Guidance? {
    guidance == 0
      ? nil
      : Guidance(
        weight: guidance, target: guide, attentionTemperature: attentionTemperature,
        isAnnealed: annealed)
  }
}

extension Guidance.Target: ExpressibleByArgument {}

/// Options of decoding by fixed-point iteration.
struct FixedPointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Decode by Gauss–Seidel–Jacobi iteration until no pixel moves by more; 0 is exact.",
      valueName: "tolerance"))
  var fixedPoint: Double?

  @Option(help: "Tokens that are iterated together with --fixed-point.")
  var segment = 16

  func validate() throws {
    if let fixedPoint, !(fixedPoint >= 0 && fixedPoint.isFinite) {
      throw ValidationError("--fixed-point is \(fixedPoint), expected 0 or more")
    }
    if segment < 1 { throw ValidationError("--segment is \(segment), expected at least 1") }
  }

  /// Nil for decoding token by token.
  var value: FixedPoint? { fixedPoint.map { FixedPoint(tolerance: $0, segment: segment) } }
}

/// Which weights, and what they do not say of themselves.
struct ImageModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Channels of the images, when the weights have no metadata; 3 if that is possible by default.",
      valueName: "1|3"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "Width of an attention head, when the weights have no metadata; 64 by default."))
  var headWidth: Int?

  func validate() throws {
    if let channels, channels != 1, channels != 3 {
      throw ValidationError("--channels is \(channels), expected 1 or 3")
    }
    if let headWidth, headWidth < 1 {
      throw ValidationError("--head-width is \(headWidth), expected at least 1")
    }
  }

  /// The model of a run folder or a weights file.
  func read(_ path: String) throws -> ImageModel {
    if RunFolder.isRun(path) {
      let run = try RunFolder(existing: path)
      _ = try ImageRunRecord.read(path: run.record)
      return try ImageModel(path: run.model)
    }
    try requireFile(
      path, what: "weights file",
      advice: "expected .safetensors or the folder of an image run")
    return try ImageModel(path: path, hints: .init(channels: channels, headWidth: headWidth))
  }
}
