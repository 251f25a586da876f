import CKernels

/// `y = x Wᵀ + b` on every row: x [rows, in], W [out, in], b [out], y [rows, out].
package func linear(_ x: Matrix, weight: Matrix, bias: UnsafeMutablePointer<Float>?, into y: Matrix)
{
  if let bias {
    precondition(y.isContiguous, "linear writes contiguous rows")
    ck_fill_rows(y.rows, y.columns, bias, y.base)
  }
  multiply(x, weight, .second, into: y, beta: bias == nil ? 0 : 1)
}

// MARK: - Gradient

/// The reverse of `linear`: `dW += dyᵀ x`, `db += Σ_rows dy`, and `dx = dy W` (or `+=` if accumulating).
package func linearGradient(
  _ dy: Matrix, x: Matrix, weight: Matrix, intoWeight dWeight: Matrix,
  intoBias dBias: UnsafeMutablePointer<Float>?,
  into dx: Matrix?, accumulating: Bool = false
) {
  multiply(dy, x, .first, into: dWeight, beta: 1)
  if let dBias { ck_add_column_sums(dy.rows, dy.columns, dy.stride, dy.base, dBias) }
  if let dx { multiply(dy, weight, into: dx, beta: accumulating ? 1 : 0) }
}
