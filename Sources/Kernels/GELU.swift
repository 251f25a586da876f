import CKernels

/// `pre += bias`, then `out = pre · Φ(pre)` (Hendrycks & Gimpel 2016, the erf form): pre, out
/// [rows, columns], bias [columns].
///
/// `pre` keeps the biased input, which the gradient needs.
package func addBiasAndGELU(_ pre: Matrix, bias: UnsafeMutablePointer<Float>, into out: Matrix) {
  precondition(
    pre.rows == out.rows && pre.columns == out.columns && pre.stride == out.stride,
    "\(pre.shape) into \(out.shape)")
  ck_bias_gelu(pre.rows, pre.columns, pre.stride, bias, pre.base, out.base)
}

/// `out = pre · Φ(pre)` of what `addBiasAndGELU` has kept.
package func gelu(_ pre: Matrix, into out: Matrix) {
  precondition(
    pre.isContiguous && out.isContiguous && pre.count == out.count,
    "\(pre.shape) into \(out.shape)")
  ck_gelu(pre.count, pre.base, out.base)
}

// MARK: - Gradient

/// Multiplies the gradient of the output by `Φ(pre) + pre · φ(pre)`, in place.
package func geluGradient(pre: Matrix, _ gradient: Matrix) {
  precondition(
    pre.isContiguous && gradient.isContiguous && pre.count == gradient.count,
    "\(pre.shape), \(gradient.shape)")
  ck_gelu_gradient(pre.count, pre.base, gradient.base)
}
