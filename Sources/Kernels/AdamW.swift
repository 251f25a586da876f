import CKernels
import Foundation

/// The constants of AdamW (Loshchilov & Hutter 2019, algorithm 2) with weight decay on every parameter.
package struct AdamW: Codable, Equatable, Sendable {
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
  /// - Parameters:
  ///   - step: The number of this step, from 1, for the bias corrections.
  ///   - gradientFactor: Multiplies the gradient first (clipping).
  package func update(
    step: Int, learningRate: Double, gradient: [Float], gradientFactor: Float = 1,
    first m: inout [Float],
    second v: inout [Float], weights: inout [Float]
  ) {
    precondition(
      gradient.count == weights.count, "\(gradient.count) gradients, \(weights.count) weights")
    ck_adamw(
      weights.count, Float(learningRate), Float(beta1), Float(beta2), Float(epsilon),
      Float(weightDecay),
      Float(1 - pow(beta1, Double(step))), Float(1 - pow(beta2, Double(step))), gradientFactor,
      gradient, &m, &v,
      &weights)
  }
}

/// The Euclidean norm of a gradient.
package func norm(_ gradient: [Float]) -> Double {
  ck_sum_of_squares(gradient.count, gradient).squareRoot()
}

/// `average ← decay · average + (1 − decay) · x`.
package func updateMovingAverage(_ average: inout [Float], of x: [Float], decay: Double) {
  precondition(average.count == x.count, "\(average.count) averages of \(x.count)")
  ck_moving_average(x.count, Float(decay), x, &average)
}

/// `sum += x`.
package func add(_ x: [Float], to sum: inout [Float]) {
  precondition(x.count == sum.count, "\(x.count) added to \(sum.count)")
  ck_add(x.count, x, &sum)
}
