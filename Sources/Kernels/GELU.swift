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

// MARK: - Gradient

/// `out = pre · Φ(pre)` of what `addBiasAndGELU` has kept, which becomes the slope
/// `Φ(pre) + pre · φ(pre)`, by which `multiply` then takes the gradient.
package func geluAndSlope(_ pre: Matrix, into out: Matrix) {
  precondition(
    pre.isContiguous && out.isContiguous && pre.count == out.count,
    "\(pre.shape) into \(out.shape)")
  ck_gelu_and_slope(pre.count, pre.base, out.base)
}

/// `gradient *= slope`, element by element.
package func multiply(_ gradient: Matrix, by slope: Matrix) {
  precondition(
    slope.isContiguous && gradient.isContiguous && slope.count == gradient.count,
    "\(gradient.shape), \(slope.shape)")
  ck_multiply(slope.count, slope.base, gradient.base)
}

/// Multiplies the gradient of the output by `Φ(pre) + pre · φ(pre)`, in place.
package func geluGradient(pre: Matrix, _ gradient: Matrix) {
  precondition(
    pre.isContiguous && gradient.isContiguous && pre.count == gradient.count,
    "\(pre.shape), \(gradient.shape)")
  ck_gelu_gradient(pre.count, pre.base, gradient.base)
}
