import Flow
import Kernels
import TensorFiles

/// A flow of images with its weights; images are [images, channels, height, width] with pixels from
/// −1 to 1.
package struct ImageModel: Sendable {
  package let configuration: ImageModelConfiguration
  package let flow: TarFlow
  package let weights: [Float]
  /// [tokens, features].
  package let priorVariance: [Float]
  package let patches: Patches
  /// Everything else that the file says of itself.
  package let notes: [String: String]

  package var shape: ImageShape { configuration.shape }

  /// Reads weights under the names of the published code.
  ///
  /// - Parameters:
  ///   - hints: What the caller knows of weights that do not say it themselves.
  ///   - onNote: Is told what was changed in reading them.
  /// - Throws: `SafetensorsError`, `FlowError` or `ImageError`.
  package init(
    path: String, hints: ImageModelConfiguration.Hints = .init(),
    onNote: (String) -> Void = { _ in }
  ) throws {
    let file = try readImageWeights(path, onNote: onNote)
    let configuration = try ImageModelConfiguration(of: file, path: path, hints: hints)
    try self.init(configuration, file: file, path: path)
  }

  /// Takes the weights from a file that has to fit the configuration.
  /// - Throws: `FlowError`.
  package init(_ configuration: ImageModelConfiguration, file: Safetensors, path: String)
    throws(FlowError)
  {
    flow = try TarFlow(try configuration.flow())
    weights = try flow.weights(from: file, path: path)
    priorVariance = try flow.priorVariance(from: file, path: path)
    self.configuration = configuration
    notes = file.metadata
    patches = Patches(shape: configuration.shape, patch: configuration.network.patch)
  }

  /// The images that one worker takes through the network at once, and whose gradients are summed
  /// on their own: independent of the number of workers, and so are all digits.
  private static let chunk = 64

  /// Latents [images, tokens, features] and `log|∂z/∂x|` of each image in nats.
  ///
  /// The same bits for any number of workers, and the published numbers to the tolerances of the
  /// goldens (`ImageModelTests`, `GoldenTests` of Flow).
  package func encode(_ images: [Float], labels: [Int]?, execution: Execution)
    -> (z: [Float], logDeterminant: [Double])
  {
    let size = shape.count
    let chunks = ranges(images.count / size, of: Self.chunk)
    nonisolated(unsafe) var found = chunks.map { _ in (z: [Float](), logDeterminant: [Double]()) }
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      parallel(chunks.count, workers: execution.workers) { index in
        let range = chunks[index]
        found[index] = flow.encode(
          patches.tokens(Array(images[range.lowerBound * size..<range.upperBound * size])),
          labels: labels.map { Array($0[range]) }, weights: weights)
      }
    }
    return (found.flatMap(\.z), found.flatMap(\.logDeterminant))
  }

  /// The published loss `½⟨z²⟩ − ⟨log-determinant⟩/D` of the whole batch, and its gradients: of the
  /// parameters in the order of `flow.layout`, and of the images.
  package func gradients(_ images: [Float], labels: [Int]?)
    -> (parameters: [Float], images: [Float])
  {
    let size = shape.count
    let count = images.count / size
    var parameters = [Float](repeating: 0, count: weights.count)
    var ofImages: [Float] = []
    for range in ranges(count, of: Self.chunk) {
      var gradient = [Float](repeating: 0, count: weights.count)
      let (_, ofTokens) = flow.lossAndGradient(
        patches.tokens(Array(images[range.lowerBound * size..<range.upperBound * size])),
        labels: labels.map { Array($0[range]) }, weights: weights, gradient: &gradient)
      let fraction = Float(range.count) / Float(count)
      for index in gradient.indices { parameters[index] += fraction * gradient[index] }
      ofImages += patches.images(ofTokens).map { fraction * $0 }
    }
    return (parameters, ofImages)
  }

  /// Images from standard normal noise [images, tokens, features].
  ///
  /// The same bits with and without `onBlock`, and for any number of workers (`ImageModelTests`).
  ///
  /// - Parameters:
  ///   - fixedPoint: How the blocks are inverted by iteration; nil for token by token.
  ///   - onBlock: Is shown the images after every block, the noise itself first.
  ///   - onProgress: Is told how many more images are through all blocks, or through one when
  ///     `onBlock` is there.
  package func decode(
    _ noise: [Float], labels: [Int]?, guidance: Guidance?, fixedPoint: FixedPoint? = nil,
    execution: Execution, onBlock: (([Float]) -> Void)? = nil,
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> [Float] {
    func invert(_ z: [Float], _ blocks: Range<Int>) -> [Float] {
      flow.decode(
        z, labels: labels, guidance: guidance,
        by: fixedPoint.map { .fixedPoint($0) } ?? .sequential, blocks: blocks, weights: weights,
        execution: execution, onProgress: onProgress
      ).x
    }
    let z = flow.scaled(noise, variance: priorVariance)
    let blocks = 0..<flow.configuration.blocks
    guard let onBlock else { return patches.images(invert(z, blocks)) }
    onBlock(patches.images(noise))
    var x = z
    for block in blocks.reversed() {
      x = invert(x, block..<block + 1)
      onBlock(patches.images(x))
    }
    return patches.images(x)
  }

  /// `x + s σ² ∇ₓ log p(x)`, see `TarFlow.denoised`.
  package func denoise(
    _ images: [Float], labels: [Int]?, deviation: Double, strength: Double, execution: Execution
  ) -> [Float] {
    patches.images(
      flow.denoised(
        patches.tokens(images), labels: labels, deviation: deviation, strength: strength,
        weights: weights, execution: execution))
  }

  /// Standard normal noise for images, the same for the same seed and index.
  package func noise(_ count: Int, from first: Int = 0, seed: UInt64) -> [Float] {
    (first..<first + count).flatMap { index in
      var generator = RandomGenerator(seed: seed, stream: .sampling, index: index)
      return (0..<shape.count).map { _ in Float(generator.normal()) }
    }
  }
}

/// [0, count) in ranges of `size`, the last perhaps shorter.
func ranges(_ count: Int, of size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
}
