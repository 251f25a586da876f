import CKernels
import Foundation

/// The constants of AdamW with weight decay on every parameter.
/// - SeeAlso: Loshchilov & Hutter 2019, *Decoupled weight decay regularization*, algorithm 2.
package struct AdamW: Codable, Equatable, Sendable {
  /// The running means of the gradient and of its square, as long as the weights.
  package struct Moments: Equatable, Sendable {
    package var first: [Float]
    package var second: [Float]

    package init(first: [Float], second: [Float]) {
      (self.first, self.second) = (first, second)
    }

    /// Zeros, for the start of a training.
    package init(count: Int) {
      first = [Float](repeating: 0, count: count)
      second = first
    }
  }

  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  package var weightDecay: Double

  package init(
    beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 1e-4
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// One step: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `w ← w(1 − ηλ) − η m̂/(√v̂ + ε)`.
  ///
  /// The result has the same bits for any number of workers; `OptimizerTests` compares it with the
  /// algorithm in double precision.
  ///
  /// - Parameters:
  ///   - step: The number of this step, from 1, for the bias corrections.
  ///   - gradientFactor: Multiplies the gradient first (clipping).
  ///   - parts: The weights that take the step; all by default.
  package func update(
    step: Int, learningRate: Double, gradient: [Float], gradientFactor: Float = 1,
    moments: inout Moments, weights: inout [Float], parts: [Range<Int>]? = nil, workers: Int = 1
  ) {
    precondition(
      gradient.count == weights.count, "\(gradient.count) gradients, \(weights.count) weights")
    let corrections = [beta1, beta2].map { Float(1 - pow($0, Double(step))) }
    moments.first.withUnsafeMutableBufferPointer { m in
      moments.second.withUnsafeMutableBufferPointer { v in
        forEachRange(of: &weights, with: gradient, in: parts, workers: workers) {
          range, weights, gradient in
          ck_adamw(
            range.count, Float(learningRate), Float(beta1), Float(beta2), Float(epsilon),
            Float(weightDecay), corrections[0], corrections[1], gradientFactor, gradient,
            m.baseAddress.map { $0 + range.lowerBound },
            v.baseAddress.map { $0 + range.lowerBound },
            weights)
        }
      }
    }
  }
}
