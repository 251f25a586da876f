import ArgumentParser
import Flow
import Foundation
import Images
import Kernels
import Runs
import TensorFiles

/// The options of the commands from tensors to tensors.
struct TensorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The weights, or the folder of an image run.", valueName: "safetensors"))
  var weights: String

  @Option(help: ArgumentHelp("The tensors to work on.", valueName: "safetensors"))
  var input: String

  @Option(help: ArgumentHelp("Where the results go.", valueName: "safetensors"))
  var output: String

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var model: ImageModelOptions
  @OptionGroup var shared: SharedOptions
}

/// Weights and inputs of one of these commands, read and checked.
private struct TensorInput {
  let model: ImageModel
  private let file: Safetensors
  private let path: String

  init(_ options: TensorOptions) throws {
    try loadBLAS()
    try options.overwrite.check([options.output])
    model = try options.model.read(options.weights, log: options.shared.log) { _ in
      "its flow knows no pixels; name weights of images or a run on them"
    }
    try requireFile(options.input, what: "input file", advice: "expected .safetensors")
    file = try Safetensors(path: options.input)
    path = options.input
  }

  /// A tensor with a batch in front of the shape.
  func tensor(_ name: String, _ shape: [Int], is kind: String) throws -> [Float] {
    guard let tensor = file.tensors[name] else {
      throw RunError.badData(
        path: path, problem: "has no tensor '\(name)', expected \(kind)")
    }
    guard tensor.shape.count == shape.count + 1, Array(tensor.shape.dropFirst()) == shape,
      tensor.shape[0] > 0
    else {
      throw RunError.badData(
        path: path,
        problem: "tensor '\(name)' has shape \(tensor.shape), these weights expect \(kind), "
          + "[batch, \(shape.map(String.init).joined(separator: ", "))]")
    }
    try checkFinite(tensor.values, shape: tensor.shape, name: name, path: path)
    return tensor.values
  }

  /// The images `x`.
  func images() throws -> [Float] {
    let shape = model.shape
    let pixels = try tensor(
      "x", [shape.channels, shape.size, shape.size], is: "images of \(shape)")
    try checkScale(pixels, name: "x", path: path)
    return pixels
  }

  /// The classes of the batch; nil for a flow without classes, −1 for all when there are none.
  func labels(_ count: Int) throws -> [Int]? {
    let classes = model.configuration.classes
    guard classes > 0, let tensor = file.tensors["labels"] else { return nil }
    guard tensor.shape == [count] else {
      throw RunError.badData(
        path: path, problem: "tensor 'labels' has shape \(tensor.shape), expected [\(count)]")
    }
    return try tensor.values.enumerated().map { index, value in
      guard let label = Int(exactly: value), (-1..<classes).contains(label) else {
        throw RunError.badData(
          path: path,
          problem: "labels[\(index)] is \(value), expected -1 (none) to \(classes - 1)")
      }
      return label
    }
  }
}

private func writeTensors(_ tensors: [String: StoredTensor], to path: String) throws {
  var file = Safetensors()
  file.tensors = tensors
  try file.write(path: path)
  try printResult("\(path)\n")
}

struct ImageEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "From images to latents, log-determinants, the loss, and its gradients.",
    discussion: """
      Reads x [batch, channels, height, width] and labels [batch] (-1: none); writes z [batch, \
      tokens, features], log_det_per_dim [batch] and loss, with --gradients also grad.x and \
      grad.PARAMETER of the loss.
      """)

  @Flag(help: "Write the gradients of the loss, too.")
  var gradients = false

  @OptionGroup var tensors: TensorOptions

  func run() throws {
    let input = try TensorInput(tensors)
    let model = input.model
    let images = try input.images()
    let count = images.count / model.shape.count
    let labels = try input.labels(count)
    let (z, logDeterminant) = model.encode(
      images, labels: labels, execution: tensors.shared.execution)
    let perDimension = logDeterminant.map { $0 / Double(model.shape.count) }
    let meanSquare = z.reduce(0) { $0 + Double($1) * Double($1) } / Double(z.count)
    let loss = meanSquare / 2 - perDimension.reduce(0, +) / Double(count)
    let flow = model.flow.configuration
    var results = [
      "z": StoredTensor(shape: [count, flow.tokens, flow.features], values: z),
      "log_det_per_dim": StoredTensor(shape: [count], values: perDimension.map { Float($0) }),
      "loss": StoredTensor(shape: [1], values: [Float(loss)]),
    ]
    if gradients {
      let (ofParameters, ofImages) = model.gradients(images, labels: labels)
      results.merge(model.flow.tensors(ofParameters, prefix: "grad.")) { $1 }
      let shape = model.shape
      results["grad.x"] = StoredTensor(
        shape: [count, shape.channels, shape.size, shape.size], values: ofImages)
    }
    try writeTensors(results, to: tensors.output)
  }
}

struct ImageDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "From standard normal noise to images, guided if asked.",
    discussion: """
      Reads prior_noise [batch, tokens, features] and labels [batch]; writes sample [batch, \
      channels, height, width].
      """)

  @OptionGroup var guidance: GuidanceOptions
  @OptionGroup var fixedPoint: FixedPointOptions
  @OptionGroup var tensors: TensorOptions

  func run() throws {
    let input = try TensorInput(tensors)
    let model = input.model
    let flow = model.flow.configuration
    let noise = try input.tensor("prior_noise", [flow.tokens, flow.features], is: "noise")
    let count = noise.count / model.shape.count
    let labels = try input.labels(count)
    let pixels = model.decode(
      noise, labels: labels,
      guidance: try guidance.value(
        for: model, path: tensors.weights, labels: labels, from: "'labels' of \(tensors.input)"),
      fixedPoint: fixedPoint.value, execution: tensors.shared.execution)
    let shape = model.shape
    try writeTensors(
      [
        "sample": StoredTensor(
          shape: [count, shape.channels, shape.size, shape.size], values: pixels)
      ], to: tensors.output)
  }
}

struct ImageDenoiseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "denoise",
    abstract: "Move images once along the gradient of their log-density: x + s σ² ∇ log p(x).",
    discussion: """
      Reads x [batch, channels, height, width] and labels [batch]; writes denoised, of the same \
      shape.
      """)

  @Option(help: "σ, the standard deviation of the noise that the flow was trained with.")
  var sigma: Double

  @Option(help: "s, the multiple of the step.")
  var strength = 1.0

  @OptionGroup var tensors: TensorOptions

  func validate() throws { try checkDenoising(sigma: sigma, strength: strength) }

  func run() throws {
    let input = try TensorInput(tensors)
    let images = try input.images()
    let shape = input.model.shape
    let count = images.count / shape.count
    let pixels = input.model.denoise(
      images, labels: try input.labels(count), deviation: sigma, strength: strength,
      execution: tensors.shared.execution)
    try writeTensors(
      [
        "denoised": StoredTensor(
          shape: [count, shape.channels, shape.size, shape.size], values: pixels)
      ], to: tensors.output)
  }
}
