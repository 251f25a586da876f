import Kernels

extension TarFlow {
  /// `∇ₓ log p(x)` of each sample, [batch, tokens, features], on several workers.
  package func logDensityGradient(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = Execution()
  ) -> [Float] {
    let batch = batchSize(x, labels: labels, weights: weights)
    guard batch > 0 else { return [] }
    let chunks = (batch + chunk - 1) / chunk
    let used = min(chunks, execution.workers)
    let arenas = (0..<used).map { _ in Arena() }
    // The parameters' gradients come along and are of no interest.
    var ignored = [Float](repeating: 0, count: used * layout.count)
    var result = x
    withWeights(
      weights, panels: panels(weights, execution, gradient: true)
    ) { w in
      ignored.withUnsafeMutableMatrix(columns: layout.count) { ignored in
        result.withUnsafeMutableMatrix(columns: configuration.features) { x in
          parallel(chunks, workers: used) { index, worker in
            let samples = index * chunk..<min(batch, (index + 1) * chunk)
            let part = x.rows(rows(of: samples))
            arenas[worker].reset()
            // The loss is −log p.
            _ = accumulate(
              part, labels: labels.map { Array($0[samples]) }, weights: w,
              gradient: ignored[worker], factor: -1, arena: arenas[worker],
              inputGradient: part)
          }
        }
      }
    }
    return result
  }

  /// `x + s σ² ∇ₓ log p(x)`: the mean of the clean data given data with Gaussian noise, when the flow has learned the
  /// density of the noisy ones.
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
