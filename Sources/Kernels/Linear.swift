import CKernels

/// `y = x Wᵀ + b` on every row: x [rows, in], W [out, in], b [out], y [rows, out].
package func linear(_ x: Matrix, weight: Matrix, bias: UnsafeMutablePointer<Float>?, into y: Matrix)
{
  if let bias { linearBias(bias, into: y) }
  multiply(x, weight, .second, into: y, beta: bias == nil ? 0 : 1)
}

/// `y = residual + x Wᵀ + b`: residual, y [rows, out].
package func linear(
  _ x: Matrix, weight: Matrix, bias: UnsafeMutablePointer<Float>, residual: Matrix, into y: Matrix
) {
  precondition(
    residual.isContiguous && y.isContiguous && residual.count == y.count,
    "\(residual.shape) into \(y.shape)")
  ck_add_to_rows(y.rows, y.columns, bias, residual.base, y.base)
  multiply(x, weight, .second, into: y, beta: 1)
}

/// Writes `bias` into every row, before products are added.
package func linearBias(_ bias: UnsafeMutablePointer<Float>, into y: Matrix) {
  precondition(y.isContiguous, "the bias fills contiguous rows, stride \(y.stride) of \(y.columns)")
  ck_fill_rows(y.rows, y.columns, bias, y.base)
}

// MARK: - Gradient

/// The reverse of `linear`: `dW += dyᵀ x`, `db += Σ_rows dy`, and `dx = dy W` (or `+=` if accumulating).
package func linearGradient(
  _ dy: Matrix, x: Matrix, weight: Matrix, intoWeight dWeight: Matrix,
  intoBias dBias: UnsafeMutablePointer<Float>?,
  into dx: Matrix?, accumulating: Bool = false
) {
  multiply(dy, x, .first, into: dWeight, beta: 1)
  if let dBias { addColumnSums(of: dy, to: dBias) }
  if let dx { multiply(dy, weight, into: dx, beta: accumulating ? 1 : 0) }
}

/// `sums += Σ_rows x`: x [rows, columns], sums [columns].
package func addColumnSums(of x: Matrix, to sums: UnsafeMutablePointer<Float>) {
  ck_add_column_sums(x.rows, x.columns, x.stride, x.base, sums)
}
