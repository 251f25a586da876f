import ArgumentParser
import Foundation
import ImageRuns
import Images
import Kernels
import Runs
import TensorFiles

struct ImageSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw images from a run or from weights, as a PNG grid.",
    discussion: """
      A row of the grid has one class, in turn, unless --label says otherwise, and its name. Small \
      images are drawn larger in the PNGs, by a whole factor; --array has them as they are. \
      --denoise moves each image once along the gradient of its log-density by the square of the \
      training noise.
      """)

  @Argument(help: ArgumentHelp("A run folder or a weights file.", valueName: "run"))
  var path: String

  @Option(name: [.customShort("n"), .long], help: "How many images.")
  var count = 100

  /// Another name of the same.
  @Option(name: .customLong("number"), help: .hidden)
  var formerCount: Int?

  private var number: Int { formerCount ?? count }

  @Option(help: "Images in a row of the grid.")
  var columns = 10

  @Option(parsing: .unconditional, help: "The class of all images; -1 for none.")
  var label: Int?

  @Option(help: "The seed; another seed draws other images.")
  var seed: UInt64 = 1

  @OptionGroup var guidance: GuidanceOptions
  @OptionGroup var fixedPoint: FixedPointOptions

  @Flag(help: "Denoise the images.")
  var denoise = false

  @Option(
    help: "The standard deviation of the training noise, for --denoise; the run's by default.")
  var sigma: Double?

  @Option(help: "The multiple of the denoising step.")
  var strength = 1.0

  @Option(help: ArgumentHelp("The grid.", valueName: "file.png"))
  var output = "samples.png"

  @Option(
    help: ArgumentHelp(
      "Write the images as an array [images, channels, height, width], too.", valueName: "file.npy")
  )
  var array: String?

  @Option(
    help: ArgumentHelp(
      "Write the latents that they came from, [images, tokens, features].", valueName: "file.npy"))
  var latents: String?

  @Option(
    help: ArgumentHelp(
      "Write a grid with a row for each image: the noise, then the image after every block.",
      valueName: "file.png"))
  var sequence: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var model: ImageModelOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try check("-n", number, .between(1, 1e6))
    try check("--columns", columns, .between(1, 1e6))
    try checkDenoising(sigma: sigma, strength: strength)
    if !denoise, sigma != nil || strength != 1 {
      throw ValidationError("--sigma and --strength are for --denoise")
    }
  }

  func run() throws {
    try loadBLAS()
    let outputs = [output, array, latents, sequence].compactMap { $0 }
    try overwrite.check(outputs)
    try checkFolders(of: outputs)
    let model = try model.read(path, log: shared.log) {
      "draw from it: tarflow-mol sample \($0)"
    }
    let labels = try labels(model)
    var plan = ImageSamplingPlan(
      count: number, seed: seed,
      guidance: try guidance.value(for: model, path: path, labels: labels, from: "--label"))
    plan.labels = labels
    plan.fixedPoint = fixedPoint.value
    plan.keepsSequence = sequence != nil
    if denoise {
      guard let deviation = sigma ?? model.notes["noise_deviation"].flatMap({ Double($0) }) else {
        throw RunError.badData(
          path: path, problem: "does not say the noise that it was trained with; pass --sigma")
      }
      plan.denoising = (deviation, strength)
    }
    let samples = try model.drawSamples(plan, context: shared.context())
    try samples.labelledGrid(model, columns: columns, labels: plan.labels).write(path: output)
    let shape = model.shape
    if let array {
      try writeNPY(
        samples.pixels, shape: [number, shape.channels, shape.size, shape.size], path: array)
    }
    if let latents {
      let flow = model.flow.configuration
      try writeNPY(samples.noise, shape: [number, flow.tokens, flow.features], path: latents)
    }
    if let sequence {
      try samples.sequenceGrid(model, labels: plan.labels).write(path: sequence)
    }
    try printResult(outputs.map { "\($0)\n" }.joined())
  }

  private func labels(_ model: ImageModel) throws -> [Int]? {
    guard let label else { return model.classesByRow(count: number, columns: columns) }
    let classes = model.configuration.classes
    guard (-1..<classes).contains(label) else {
      throw RunError.badData(
        path: path,
        problem: classes == 0
          ? "has no classes; leave --label out"
          : "has classes 0 to \(classes - 1), --label is \(label)")
    }
    return classes == 0 ? nil : [Int](repeating: label, count: number)
  }
}
