import Flow
import Foundation
import Images
import Kernels
import Reporting
import Runs

/// Images drawn from a flow.
package struct ImageSamples {
  /// [images, channels, height, width].
  package let pixels: [Float]
  /// Standard normal noise that they came from, [images, tokens, features].
  package let noise: [Float]
  /// The images after every block, the noise first; empty unless asked for.
  package let sequence: [[Float]]

  /// The images side by side, pixel by pixel.
  package func grid(_ model: ImageModel, columns: Int) -> ImageGrid {
    ImageGrid(pixels, shape: model.shape, columns: columns)
  }

  /// The images side by side as people look at them: small ones larger, and rows of one class with
  /// its name.
  ///
  /// - Parameter labels: The class of each image, −1 for none; nil for a flow without classes.
  package func labelledGrid(_ model: ImageModel, columns: Int, labels: [Int]?) -> ImageGrid {
    ImageGrid(
      pixels, shape: model.shape, columns: columns,
      scale: ImageGrid.scale(of: model.shape, count: pixels.count / model.shape.count),
      rowNames: labels.map { model.rowNames($0, columns: columns) } ?? [])
  }

  /// A row for each image as people look at it: the noise, then the image after every block.
  package func sequenceGrid(_ model: ImageModel, labels: [Int]?) -> ImageGrid {
    let size = model.shape.count
    let count = pixels.count / size
    let rows = (0..<count).flatMap { image in
      sequence.flatMap { $0[image * size..<(image + 1) * size] }
    }
    return ImageGrid(
      rows, shape: model.shape, columns: sequence.count,
      scale: ImageGrid.scale(of: model.shape, count: count * sequence.count),
      rowNames: labels.map { model.rowNames($0, columns: 1) } ?? [])
  }
}

/// How images are drawn.
package struct ImageSamplingPlan {
  package var count: Int
  /// A class for each, −1 for none; nil for a flow without classes.
  package var labels: [Int]?
  package var seed: UInt64
  package var guidance: Guidance?
  package var fixedPoint: FixedPoint?
  /// The noise's standard deviation and the multiple of the denoising step; nil for none.
  package var denoising: (deviation: Double, strength: Double)?
  /// Whether the images after every block are kept.
  package var keepsSequence = false

  package init(count: Int, seed: UInt64, guidance: Guidance?) {
    self.count = count
    self.seed = seed
    self.guidance = guidance
  }

  /// That of the samples that end a training, without their classes.
  init(endOf configuration: ImageConfiguration) {
    let sampling = configuration.sampling
    self.init(
      count: sampling.count, seed: configuration.seed, guidance: configuration.guidance)
    if configuration.denoises {
      denoising = (configuration.noise.deviation, sampling.denoise)
    }
  }

  /// The memory that drawing takes, bytes: of each image noise, latents, tokens and pixels, of a
  /// denoised one tokens and gradient, too, and of a sequence three times the image after each block.
  ///
  /// Measured were 3.7 numbers for each of a pixel, 5.2 with denoising, and 3.0 for each image of a
  /// sequence.
  func memory(for model: ImageModelConfiguration) -> Double {
    let kept = keepsSequence ? model.network.blocks + 1 : 0
    let numbers = 4 + (denoising == nil ? 0 : 2) + 3 * kept
    return 4 * Double(count) * Double(model.shape.count) * Double(numbers)
  }

  /// What to do about samples that end a training, where there is not enough memory.
  static let adviceAfterTraining = "set sampling.count lower"

  /// Checks that there is memory for drawing.
  /// - Throws: `RunError.configuration`.
  func checkMemory(
    for model: ImageModelConfiguration, advice: String = "draw fewer at once"
  ) throws(RunError) {
    try requireMemory(
      memory(for: model), for: "\(count.counted("sample")) of \(model.shape)",
      advice: advice)
  }
}

extension ImageModel {
  /// Draws images; the same seed gives the same ones for any number of workers.
  /// - Throws: `RunError.configuration` when there is not enough memory.
  package func drawSamples(
    _ plan: ImageSamplingPlan, context: RunContext
  ) throws(RunError) -> ImageSamples {
    try plan.checkMemory(for: configuration)
    return draw(plan, context: context)
  }

  private func draw(_ plan: ImageSamplingPlan, context: RunContext) -> ImageSamples {
    let noise = noise(plan.count, seed: plan.seed)
    let blocks = plan.keepsSequence ? configuration.network.blocks : 1
    var sequence: [[Float]] = []
    let keep: ([Float]) -> Void = { sequence.append($0) }
    var pixels = decode(
      noise, labels: plan.labels, guidance: plan.guidance, fixedPoint: plan.fixedPoint,
      execution: context.execution, onBlock: plan.keepsSequence ? keep : nil,
      onProgress: context.counting("sampling", of: plan.count * blocks))
    if let (deviation, strength) = plan.denoising {
      pixels = denoise(
        pixels, labels: plan.labels, deviation: deviation, strength: strength,
        execution: context.execution)
    }
    return ImageSamples(pixels: pixels, noise: noise, sequence: sequence)
  }

  /// Draws the samples that end a training.
  /// - Throws: `RunError.configuration` when there is not enough memory.
  package func drawSamples(
    _ configuration: ImageConfiguration, context: RunContext
  ) throws(RunError) -> ImageSamples {
    let sampling = configuration.sampling
    var plan = ImageSamplingPlan(endOf: configuration)
    plan.labels = classesByRow(count: sampling.count, columns: sampling.columns)
    try plan.checkMemory(for: self.configuration, advice: ImageSamplingPlan.adviceAfterTraining)
    return draw(plan, context: context)
  }

  /// The names of the rows of a grid: that of the class that all images of a row have, or else
  /// nothing.
  func rowNames(_ labels: [Int], columns: Int) -> [String] {
    let names = classNames
    return stride(from: 0, to: labels.count, by: columns).map { start in
      let row = Set(labels[start..<min(labels.count, start + columns)])
      return row.count == 1
        ? row.first.flatMap { names.indices.contains($0) ? names[$0] : nil } ?? "" : ""
    }
  }

  /// One class in each row of a grid, from the first on, again and again; nil for a flow without
  /// classes.
  package func classesByRow(count: Int, columns: Int) -> [Int]? {
    let classes = configuration.classes
    return classes == 0 ? nil : (0..<count).map { $0 / columns % classes }
  }
}
