import Foundation
import Kernels

extension TarFlow {
  /// Draws samples from the flow, the same for the same seed and index whatever the number of
  /// workers.
  ///
  /// `logDensity(x)` is the returned density to 2e-5, and what the rounding of x does to it
  /// (`DensityTests`).
  ///
  /// - Parameters:
  ///   - first: The index of the first sample.
  ///   - stream, step: Which random numbers, for other purposes than the model's own samples.
  ///   - priorScale: The standard deviation s of z. The flow was trained with 1; a little more
  ///     makes wider proposals, whose importance weights have lighter tails. A feature on a circle
  ///     keeps 1, since the images that fall on one place have weights of their own otherwise.
  ///   - onProgress: Is told how many more samples are done, from any thread.
  /// - Returns: x [count, tokens, features] and the log-density with which it was drawn,
  ///   `log N(z; 0, s²) + log|∂z/∂x|`, [count], in nats.
  package func sample(
    _ count: Int, from first: Int = 0, seed: UInt64, stream: RandomStream = .sampling,
    step: Int = 0, priorScale: Double = 1, weights: [Float],
    execution: Execution = Execution(),
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> (x: [Float], logDensity: [Double]) {
    var z = [Float](repeating: 0, count: count * dimensions)
    var logDensity = [Double](repeating: 0, count: count)
    for index in 0..<count {
      var generator = RandomGenerator(
        seed: seed, stream: stream, step: step, index: first + index)
      for d in 0..<dimensions {
        let isOnCircle = configuration.windows.map { $0.periods[d] > 0 } ?? false
        let scale = isOnCircle ? 1 : priorScale
        let value = Float(scale * generator.normal())
        z[index * dimensions + d] = value
        logDensity[index] += logNormalDensity(Double(value) / scale) - log(scale)
      }
    }
    let decoded = decode(z, weights: weights, execution: execution, onProgress: onProgress)
    for index in 0..<count { logDensity[index] -= decoded.logDeterminant[index] }
    return (decoded.x, logDensity)
  }
}
