import ArgumentParser
import Flow
import ImageRuns
import Images
import Logging
import Runs

/// Options of guided decoding.
struct GuidanceOptions: ParsableArguments {
  @Option(help: "The guidance weight; 0, the default, is plain decoding.")
  var guidance: Double?

  @Option(help: "What is guided: a (log-scales), b (shifts) or ab.")
  var guide = Guidance.Target.both

  @Option(help: "Divides the attention logits of the unconditional pass.")
  var attentionTemperature = 1.0

  @Flag(help: "Let the guidance grow over the tokens, from 0 to its weight.")
  var annealed = false

  func validate() throws {
    try check("--guidance", guidance, .atLeast(0))
    try check("--attention-temperature", attentionTemperature, .between(1e-6, 1e6))
    if guidance == nil, guide != .both || attentionTemperature != 1 || annealed {
      throw ValidationError("--guide, --attention-temperature and --annealed belong to --guidance")
    }
  }

  /// Nil for plain decoding.
  ///
  /// - Parameters:
  ///   - model: What is guided.
  ///   - path: Its name, for the error.
  ///   - labels: The class of each image, −1 for none; nil for none at all.
  ///   - source: Where they come from, for the error.
  /// - Throws: `RunError.badData` where both passes would be the same.
  func value(
    for model: ImageModel, path: String, labels: [Int]?, from source: String
  ) throws(RunError) -> Guidance? {
    guard let guidance, guidance > 0 else { return nil }
    let hasClass = labels?.contains { $0 >= 0 } ?? false
    guard hasClass || attentionTemperature != 1 else {
      let problem =
        model.configuration.classes == 0
        ? "has no classes that could guide it" : "\(source) names no class that could guide it"
      throw .badData(
        path: path,
        problem: "\(problem); add --attention-temperature, or leave --guidance out")
    }
    return Guidance(
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
    try check("--fixed-point", fixedPoint, .atLeast(0))
    try check("--segment", segment, .between(1, 1e6))
    if fixedPoint == nil, segment != 16 {
      throw ValidationError("--segment belongs to --fixed-point")
    }
  }

  /// Nil for decoding token by token.
  var value: FixedPoint? { fixedPoint.map { FixedPoint(tolerance: $0, segment: segment) } }
}

/// Which weights, and what they do not say of themselves.
struct ImageModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Channels of the images, when the weights have no metadata; 3 if that is possible by default.
      """, valueName: "1|3"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "Width of an attention head, when the weights have no metadata; 64 by default."))
  var headWidth: Int?

  func validate() throws {
    if let channels, channels != 1, channels != 3 {
      throw ValidationError("--channels is \(channels), expected 1 or 3")
    }
    try check("--head-width", headWidth, .between(1, 16_384))
  }

  /// How images are named on the command line.
  static let imagesAdvice =
    "pass --images: an IDX or .npy file with --labels, or a folder of PNGs"

  /// The model of a run folder or a weights file.
  ///
  /// - Parameter meant: What to do with that of a molecule instead.
  func read(_ path: String, log: Logger, _ meant: (_ path: String) -> String) throws -> ImageModel {
    do {
      return try read(path, log: log)
    } catch {
      try checkImages(path, meant)
      throw error
    }
  }

  private func read(_ path: String, log: Logger) throws -> ImageModel {
    let hints = ImageModelConfiguration.Hints(channels: channels, headWidth: headWidth)
    if RunFolder.isRun(path) {
      let run = try RunFolder(existing: path)
      _ = try ImageRecord.read(in: run)
      return try ImageModel(path: run.model, hints: hints)
    }
    try requireFile(
      path, what: "weights file",
      advice: "expected .safetensors or the folder of an image run")
    do {
      return try ImageModel(path: path, hints: hints) { log.info("\($0)") }
    } catch ImageError.channels(let path, let problem) {
      throw RunError.badData(path: path, problem: "\(problem); pass --channels")
    }
  }
}

/// Checks the numbers of a denoising step from the command line.
func checkDenoising(sigma: Double?, strength: Double) throws {
  try check("--sigma", sigma, .above(0))
  try check("--strength", strength, .between(-1e6, 1e6))
}
