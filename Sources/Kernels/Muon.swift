import Foundation

/// Steps of matrices along the orthogonal matrix that is nearest to their averaged gradient, so that
/// every direction is learned at the same rate.
/// - SeeAlso: Jordan et al. 2024, *Muon: An optimizer for hidden layers in neural networks*; the
///   scale, which makes the steps as long as AdamW's, is from Liu et al. 2025 (arXiv 2502.16982).
package struct Muon: Equatable, Sendable {
  /// A matrix in the flat array of the weights.
  package struct Place: Equatable, Sendable {
    package let offset: Int
    package let rows: Int
    package let columns: Int

    package init(offset: Int, rows: Int, columns: Int) {
      (self.offset, self.rows, self.columns) = (offset, rows, columns)
    }

    package var range: Range<Int> { offset..<offset + rows * columns }
  }

  package var beta: Double
  package var weightDecay: Double

  package init(beta: Double = 0.9, weightDecay: Double) {
    (self.beta, self.weightDecay) = (beta, weightDecay)
  }

  /// One step: `m ← βm + (1−β)g`, `O = orthogonalized(βm + (1−β)g)`,
  /// `w ← w(1 − ηλ) − 0.2 η √max(rows, columns) O`.
  ///
  /// A matrix is the work of one worker of one rank, so that the bits do not depend on their numbers
  /// (`OptimizerTests`).
  ///
  /// - Parameters:
  ///   - gradientFactor: Multiplies the gradient first (clipping).
  ///   - averages: m of all weights; those outside of the matrices stay.
  package func update(
    _ matrices: [Place], learningRate: Double, gradient: [Float], gradientFactor: Float = 1,
    averages: inout [Float], weights: inout [Float], ranks: Ranks = .alone, workers: Int = 1
  ) {
    let (old, new) = (Float(beta), Float(1 - beta) * gradientFactor)
    for index in matrices.lazy.flatMap(\.range) {
      averages[index] = old * averages[index] + new * gradient[index]
    }
    let shares = ranks.shares(of: matrices.count)
    let own = matrices[shares[ranks.rank]]
    let found = parallelMap(own.count, workers: workers) { index, _ in
      let place = own[own.startIndex + index]
      return orthogonalized(
        place.range.map { old * averages[$0] + new * gradient[$0] },
        rows: place.rows, columns: place.columns)
    }
    // One after the other.
    let starts = matrices.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.range.count) }
    let directions = ranks.gathered(
      found.flatMap(\.self), shares: shares.map { starts[$0.lowerBound]..<starts[$0.upperBound] })
    let kept = Float(1 - learningRate * weightDecay)
    for (place, start) in zip(matrices, starts) {
      let length = Float(0.2 * learningRate * Double(max(place.rows, place.columns)).squareRoot())
      for (index, element) in zip(place.range, start...) {
        weights[index] = kept * weights[index] - length * directions[element]
      }
    }
  }
}

/// The orthogonal matrix that is roughly nearest to a matrix [rows, columns].
///
/// The singular vectors stay; singular values, unless they are tiny, become 0.66 to 1.2. Zero stays
/// zero.
/// Five steps of `X ← aX + (bA + cA²)X`, `A = X Xᵀ`, from `X / |X|`; with the constants of Jordan et
/// al. 2024 (`OptimizerTests`).
package func orthogonalized(_ matrix: [Float], rows: Int, columns: Int) -> [Float] {
  precondition(
    matrix.count == rows * columns, "\(matrix.count) elements for \(rows) rows of \(columns)")
  let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)
  let norm = gradientNorm(matrix)
  guard norm > 0, norm.isFinite else { return [Float](repeating: 0, count: matrix.count) }
  let small = min(rows, columns)
  let count = small * small
  var x = matrix.map { $0 / Float(norm) }
  var next = [Float](repeating: 0, count: matrix.count)
  var gram = [Float](repeating: 0, count: count)
  var polynomial = gram
  withMatrix(&gram, rows: small) { gram in
    withMatrix(&polynomial, rows: small) { polynomial in
      for _ in 0..<5 {
        withMatrix(&x, rows: rows) { x in
          withMatrix(&next, rows: rows) { next in
            matrixProduct(x, x, rows > columns ? .first : .second, into: gram)
            // bA + cA², from the sum (b/c)A + A².
            for index in 0..<count { polynomial.base[index] = b / c * gram.base[index] }
            matrixProduct(gram, gram, into: polynomial, beta: 1)
            for index in 0..<count { polynomial.base[index] *= c }
            for row in 0..<small { polynomial[row][row] += a }
            if rows > columns {
              matrixProduct(x, polynomial, into: next)
            } else {
              matrixProduct(polynomial, x, into: next)
            }
          }
        }
        swap(&x, &next)
      }
    }
  }
  return x
}

private func withMatrix(_ elements: inout [Float], rows: Int, _ body: (Matrix) -> Void) {
  let columns = elements.count / rows
  elements.withUnsafeMutableBufferPointer { buffer in
    if let base = buffer.baseAddress { body(Matrix(base, rows: rows, columns: columns)) }
  }
}
