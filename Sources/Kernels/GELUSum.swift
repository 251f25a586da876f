import CKernels

/// `pre += terms + bias`, then `sum = Σ_rows pre · Φ(pre)`: pre and terms [rows, columns], bias and
/// sum [columns].
///
/// `pre` keeps what the gradient needs. `GELUTests` compares both with GELU and sums in double
/// precision.
package func geluSum(
  _ pre: Matrix, terms: Matrix, bias: UnsafeMutablePointer<Float>,
  into sum: UnsafeMutablePointer<Float>
) {
  check(pre, terms)
  ck_gelu_sum(pre.rows, pre.columns, terms.base, bias, pre.base, sum)
}

// MARK: - Gradient

/// The reverse of `geluSum`: pre becomes the gradient of itself, which is added to that of the
/// terms and, summed over the rows, to that of the bias.
package func geluSumGradient(
  _ dSum: UnsafeMutablePointer<Float>, pre: Matrix, intoTerms dTerms: Matrix,
  intoBias dBias: UnsafeMutablePointer<Float>
) {
  check(pre, dTerms)
  ck_gelu_sum_gradient(pre.rows, pre.columns, dSum, pre.base, dTerms.base, dBias)
}

private func check(_ pre: Matrix, _ terms: Matrix) {
  precondition(
    pre.isContiguous && terms.isContiguous && pre.columns == terms.columns
      && pre.rows == terms.rows, "\(pre.shape), terms \(terms.shape)")
}
