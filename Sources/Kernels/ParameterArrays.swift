import CKernels

/// The Euclidean norm of a gradient, summed in double precision.
package func gradientNorm(_ gradient: [Float]) -> Double {
  ck_sum_of_squares(gradient.count, gradient).squareRoot()
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

/// The memory of several arrays at once.
func withBuffers(
  of arrays: [[Float]], found: [UnsafeBufferPointer<Float>] = [],
  _ body: ([UnsafeBufferPointer<Float>]) -> Void
) {
  guard found.count < arrays.count else { return body(found) }
  arrays[found.count].withUnsafeBufferPointer {
    withBuffers(of: arrays, found: found + [$0], body)
  }
}
