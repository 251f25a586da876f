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
    first m: inout [Float], second v: inout [Float], weights: inout [Float], workers: Int = 1
  ) {
    precondition(
      gradient.count == weights.count, "\(gradient.count) gradients, \(weights.count) weights")
    let corrections = [beta1, beta2].map { Float(1 - pow($0, Double(step))) }
    m.withUnsafeMutableBufferPointer { m in
      v.withUnsafeMutableBufferPointer { v in
        forEachSlice(of: &weights, with: gradient, workers: workers) { range, weights, gradient in
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

/// The Euclidean norm of a gradient.
package func norm(_ gradient: [Float]) -> Double {
  ck_sum_of_squares(gradient.count, gradient).squareRoot()
}

/// `average ← decay · average + (1 − decay) · x`.
package func updateMovingAverage(
  _ average: inout [Float], of x: [Float], decay: Double, workers: Int = 1
) {
  precondition(average.count == x.count, "\(average.count) averages of \(x.count)")
  forEachSlice(of: &average, with: x, workers: workers) { range, average, x in
    ck_moving_average(range.count, Float(decay), x, average)
  }
}

/// `sum += Σ terms`, in the order of the terms.
package func add(_ terms: [[Float]], to sum: inout [Float], workers: Int = 1) {
  for term in terms {
    precondition(term.count == sum.count, "\(term.count) added to \(sum.count)")
  }
  forEachSlice(of: &sum, workers: workers) { range, sum in
    for term in terms {
      term.withUnsafeBufferPointer {
        ck_add(range.count, $0.baseAddress.map { $0 + range.lowerBound }, sum)
      }
    }
  }
}

/// Hands the same slices of two arrays to the workers; for elementwise work, whose result the slicing cannot change.
private func forEachSlice(
  of changed: inout [Float], with read: [Float], workers: Int,
  _ body: (Range<Int>, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
) {
  read.withUnsafeBufferPointer { read in
    guard let read = read.baseAddress else { return }
    forEachSlice(of: &changed, workers: workers) { body($0, $1, read + $0.lowerBound) }
  }
}

/// Hands slices of an array to the workers.
private func forEachSlice(
  of changed: inout [Float], workers: Int, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
) {
  // Small enough to balance, large enough that a hand-over does not matter.
  let size = 1 << 15
  let count = changed.count
  changed.withUnsafeMutableBufferPointer { changed in
    guard let changed = changed.baseAddress else { return }
    parallel((count + size - 1) / size, workers: workers) { slice in
      let range = slice * size..<min(count, (slice + 1) * size)
      body(range, changed + range.lowerBound)
    }
  }
}
