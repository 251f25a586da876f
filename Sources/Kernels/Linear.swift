import CKernels

/// A linear layer's weight [out, in], and its panels when a unit multiplies it rather than BLAS.
package struct LinearWeight {
  /// The panels of Wᵀ, for `x Wᵀ`, and of W, for `dy W`.
  package typealias BothPanels = (forward: Panels, backward: Panels?)

  package let matrix: Matrix
  package let panels: BothPanels?

  package init(_ matrix: Matrix, panels: BothPanels? = nil) {
    self.matrix = matrix
    self.panels = panels
  }
}

/// `y = x Wᵀ + b` on every row, or `y = residual + x Wᵀ + b`: x [rows, in], W [out, in], b [out],
/// residual and y [rows, out].
///
/// `MatrixProductTests` compares it with double precision, to 1e-5; `PanelTests` each unit with
/// BLAS, to the last bit where no unit rounds.
///
/// - Parameters:
///   - accumulating: Adds to y instead, when there is no bias.
///   - scratch: Needed for a weight with panels.
///   - finish: Is called for blocks of rows as they get done, while they are in the cache.
package func linear(
  _ x: Matrix, weight: LinearWeight, bias: UnsafeMutablePointer<Float>?, residual: Matrix? = nil,
  into y: Matrix, accumulating: Bool = false, scratch: ProductScratch? = nil,
  finish: (Range<Int>) -> Void = { _ in }
) {
  let adds = accumulating || bias != nil
  precondition(
    residual.map { $0.isContiguous && y.isContiguous && $0.count == y.count } ?? true,
    "\(residual?.shape ?? "") into \(y.shape)")
  func begin(_ rows: Range<Int>) {
    guard let bias else { return }
    let y = y.rows(rows)
    if let residual {
      ck_add_to_rows(y.rows, y.columns, bias, residual[rows.lowerBound], y.base)
    } else {
      linearBias(bias, into: y)
    }
  }
  guard let panels = weight.panels, let scratch else {
    begin(0..<y.rows)
    matrixProduct(x, weight.matrix, .second, into: y, beta: adds ? 1 : 0)
    return finish(0..<y.rows)
  }
  matrixProduct(
    x, panels.forward, into: y, accumulating: adds, scratch: scratch, begin: begin,
    finish: finish)
}

/// Writes `bias` into every row, before products are added.
package func linearBias(_ bias: UnsafeMutablePointer<Float>, into y: Matrix) {
  precondition(y.isContiguous, "the bias fills contiguous rows, stride \(y.stride) of \(y.columns)")
  ck_fill_rows(y.rows, y.columns, bias, y.base)
}

// MARK: - Gradient

/// The reverse of `linear`: `dW += dyᵀ x`, `db += Σ_rows dy`, and `dx = dy W` (or `+=` if
/// accumulating).
///
/// dx may be x, which is read before. `MatrixProductTests` compares them with finite differences.
///
/// - Parameter finish: Is called for blocks of rows of dx as they get done.
package func linearGradient(
  _ dy: Matrix, x: Matrix, weight: LinearWeight, intoWeight dWeight: Matrix,
  intoBias dBias: UnsafeMutablePointer<Float>?,
  into dx: Matrix, accumulating: Bool = false, scratch: ProductScratch? = nil,
  finish: (Range<Int>) -> Void = { _ in }
) {
  if let dBias { addColumnSums(of: dy, to: dBias) }
  guard let backward = weight.panels?.backward, let scratch else {
    matrixProduct(dy, x, .first, into: dWeight, beta: 1)
    matrixProduct(dy, weight.matrix, into: dx, beta: accumulating ? 1 : 0)
    return finish(0..<dx.rows)
  }
  matrixProduct(
    transposeOf: dy, scratch.panels(backward.unit, of: x), into: dWeight, accumulating: true,
    scratch: scratch)
  matrixProduct(
    dy, backward, into: dx, accumulating: accumulating, scratch: scratch, finish: finish)
}

/// `sums += Σ_rows x`: x [rows, columns], sums [columns].
package func addColumnSums(of x: Matrix, to sums: UnsafeMutablePointer<Float>) {
  ck_add_column_sums(x.rows, x.columns, x.stride, x.base, sums)
}
