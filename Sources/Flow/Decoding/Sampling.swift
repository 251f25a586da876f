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
    sample(
      Array(first..<first + count), seed: seed, stream: stream, step: step, priorScale: priorScale,
      weights: weights, execution: execution, onProgress: onProgress)
  }

  /// The samples of some indices, each as the other `sample` draws it.
  package func sample(
    _ indices: [Int], seed: UInt64, stream: RandomStream = .sampling, step: Int = 0,
    priorScale: Double = 1, weights: [Float], execution: Execution = Execution(),
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> (x: [Float], logDensity: [Double]) {
    let count = indices.count
    var z = [Float](repeating: 0, count: count * dimensions)
    var logDensity = [Double](repeating: 0, count: count)
    for index in 0..<count {
      var generator = RandomGenerator(
        seed: seed, stream: stream, step: step, index: indices[index])
      for d in 0..<dimensions where !configuration.isMissing(d) {
        let scale = isOnCircle(d) ? 1 : priorScale
        let value = Float(scale * generator.normal())
        z[index * dimensions + d] = value
        logDensity[index] += logNormalDensity(Double(value) / scale) - log(scale)
      }
    }
    let decoded = decode(z, weights: weights, execution: execution, onProgress: onProgress)
    for index in 0..<count { logDensity[index] -= decoded.logDeterminant[index] }
    return (decoded.x, logDensity)
  }

  /// The log-density with which `sample` draws x from a prior of deviation s, [samples], nats:
  /// `log|∂z/∂x| + Σ_d log N(z_d; 0, s²)`, where s = 1 for a feature d on a circle.
  ///
  /// It is the density that comes with samples, as for s = 1 (`DensityTests`, `PeriodicFlowTests`).
  ///
  /// - Parameter x: [samples, tokens, features].
  package func logDensity(
    _ x: [Float], priorScale: Double, weights: [Float], execution: Execution = Execution()
  ) -> [Double] {
    guard priorScale != 1 else { return logDensity(x, weights: weights, execution: execution) }
    let (z, logDeterminants) = encode(x, weights: weights, execution: execution)
    let scales = (0..<dimensions).filter { !configuration.isMissing($0) }.map {
      (place: $0, scale: isOnCircle($0) ? 1 : priorScale)
    }
    return logDeterminants.indices.map { sample in
      scales.reduce(logDeterminants[sample]) { sum, feature in
        let value = Double(z[sample * dimensions + feature.place])
        return sum + logNormalDensity(value / feature.scale) - log(feature.scale)
      }
    }
  }

  /// Whether a feature of [tokens, features] lies on a circle.
  private func isOnCircle(_ feature: Int) -> Bool {
    configuration.windows.map { $0.periods[feature] > 0 } ?? false
  }
}
