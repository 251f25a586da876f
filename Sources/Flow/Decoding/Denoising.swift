import Kernels

extension TarFlow {
  /// `log p(x)` of each sample, [batch], in nats, and `∇ₓ log p(x)`, [batch, tokens, features], on
  /// several workers.
  ///
  /// The gradient is the slope of the density to one part in a thousand, through a context as well
  /// (`ContextTests`), and that of the loss, sample by sample, to 1e-4 (`DenoisingTests`).
  package func logDensityAndGradient(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = Execution()
  ) -> (logDensities: [Double], gradient: [Float]) {
    let batch = batchSize(x, labels: labels, weights: weights)
    let chunks = ranges(batch, by: chunkSize)
    let used = Execution(
      workers: max(1, min(chunks.count, execution.workers)), unit: execution.unit)
    let workspace = Workspace(layout, weights, used, gradient: true)
    var gradient = x
    let logDensities = mapChunks(
      of: &gradient, chunks, labels: labels, weights: weights, in: workspace
    ) { chunk in
      // The parameters' gradients come along and are of no interest.
      let ignored = chunk.arena.floats(layout.count)
      ignored.update(repeating: 0, count: layout.count)
      let found = accumulate(chunk, gradient: ignored, throughContext: true) { _, _ in 1 }
      chunk.x.copy(from: found.dx)
      return found.logDensities
    }
    return (logDensities.flatMap { $0 }, gradient)
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
    let gradient = logDensityAndGradient(
      x, labels: labels, weights: weights, execution: execution
    ).gradient
    return zip(x, gradient).map { $0 + factor * $1 }
  }
}
