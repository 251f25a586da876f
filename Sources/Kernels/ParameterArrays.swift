import CKernels

/// The Euclidean norm of a gradient, summed in double precision.
package func gradientNorm(_ gradient: [Float]) -> Double {
  ck_sum_of_squares(gradient.count, gradient).squareRoot()
}

/// `sum += Σ gradients`, in their order: the same bits for any number of workers.
package func addGradients(_ gradients: [[Float]], to sum: inout [Float], workers: Int = 1) {
  for gradient in gradients {
    precondition(gradient.count == sum.count, "\(gradient.count) added to \(sum.count)")
  }
  forEachRange(of: &sum, workers: workers) { range, sum in
    for gradient in gradients {
      gradient.withUnsafeBufferPointer {
        ck_add(range.count, $0.baseAddress.map { $0 + range.lowerBound }, sum)
      }
    }
  }
}

/// `average ← decay · average + (1 − decay) · x`.
package func updateMovingAverage(
  _ average: inout [Float], of x: [Float], decay: Double, workers: Int = 1
) {
  precondition(average.count == x.count, "\(average.count) averages of \(x.count)")
  forEachRange(of: &average, with: x, workers: workers) { range, average, x in
    ck_moving_average(range.count, Float(decay), x, average)
  }
}

/// Hands the same ranges of two arrays, or of parts of them, to the workers; for elementwise work,
/// whose result the cuts cannot change.
func forEachRange(
  of changed: inout [Float], with read: [Float], in parts: [Range<Int>]? = nil, workers: Int,
  _ body: (Range<Int>, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
) {
  read.withUnsafeBufferPointer { read in
    guard let read = read.baseAddress else { return }
    forEachRange(of: &changed, in: parts, workers: workers) { body($0, $1, read + $0.lowerBound) }
  }
}

/// Hands ranges of an array, or of parts of it, to the workers.
func forEachRange(
  of changed: inout [Float], in parts: [Range<Int>]? = nil, workers: Int,
  _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
) {
  let size = Tuning.updatedElements
  let ranges = (parts ?? [changed.indices]).flatMap { part in
    stride(from: part.lowerBound, to: part.upperBound, by: size).map {
      $0..<min(part.upperBound, $0 + size)
    }
  }
  changed.withUnsafeMutableBufferPointer { changed in
    guard let changed = changed.baseAddress else { return }
    parallel(ranges.count, workers: workers) { index in
      body(ranges[index], changed + ranges[index].lowerBound)
    }
  }
}
