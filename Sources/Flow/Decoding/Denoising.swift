import Kernels

extension TarFlow {
  /// `∇ₓ log p(x)` of each sample, [batch, tokens, features], on several workers.
  ///
  /// It is the gradient of the loss, sample by sample, to 1e-4 (`DenoisingTests`).
  ///
  /// - Precondition: The flow has no context, through which no gradient passes.
  package func logDensityGradient(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = Execution()
  ) -> [Float] {
    precondition(configuration.context == nil, "the input's gradient of a flow with a context")
    let batch = batchSize(x, labels: labels, weights: weights)
    let chunks = ranges(batch, by: chunkSize)
    let used = Execution(
      workers: max(1, min(chunks.count, execution.workers)), unit: execution.unit)
    let workspace = Workspace(layout, weights, used, gradient: true)
    var result = x
    _ = mapChunks(of: &result, chunks, labels: labels, weights: weights, in: workspace) { chunk in
      // The parameters' gradients come along and are of no interest.
      let ignored = chunk.arena.floats(layout.count)
      ignored.update(repeating: 0, count: layout.count)
      chunk.x.copy(from: accumulate(chunk, gradient: ignored) { _, _ in 1 }.dx)
    }
    return result
  }

  /// `x + s σ² ∇ₓ log p(x)`: the mean of the clean data given data with Gaussian noise, when the
  /// flow has learned the density of the noisy ones.
  ///
  /// The published code's result to 1e-4 of the largest element (`GoldenTests`).
  ///
  /// - Parameters:
  ///   - x: [batch, tokens, features].
  ///   - deviation: σ, the standard deviation of the noise that the flow was trained with.
  ///   - strength: s; 1 is Tweedie's formula.
  /// - SeeAlso: Zhai et al. 2024 (TarFlow), section 3.3.
  package func denoised(
    _ x: [Float], labels: [Int]? = nil, deviation: Double, strength: Double = 1, weights: [Float],
    execution: Execution = Execution()
  ) -> [Float] {
    let factor = Float(strength * deviation * deviation)
    let gradient = logDensityGradient(x, labels: labels, weights: weights, execution: execution)
    return zip(x, gradient).map { $0 + factor * $1 }
  }
}
