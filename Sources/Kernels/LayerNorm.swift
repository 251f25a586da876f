import CKernels

/// What the gradient of `layerNorm` needs of each row: mean and 1/√(variance + ε), [rows] each.
package struct LayerNormCache {
  package let mean: UnsafeMutablePointer<Float>
  package let reciprocalDeviation: UnsafeMutablePointer<Float>

  package init(rows: Int, in arena: Arena) {
    mean = arena.floats(rows)
    reciprocalDeviation = arena.floats(rows)
  }

  /// The bytes of an arena that `init` takes.
  package static func bytes(rows: Int) -> Int { 2 * Arena.bytes(floats: rows) }
}

private let epsilon: Float = 1e-5

/// `out = (x − mean) / √(variance + 1e-5) · scale + shift` over the features of each row:
/// x, out [rows, columns], scale, shift [columns].
///
/// `LayerNormTests` compares it, and its gradient, with double precision.
/// - SeeAlso: Ba, Kiros & Hinton 2016, *Layer normalization*.
package func layerNorm(
  _ x: Matrix, scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>,
  into out: Matrix,
  saving cache: LayerNormCache
) {
  precondition(
    x.isContiguous && out.isContiguous && x.count == out.count, "\(x.shape) into \(out.shape)")
  ck_layer_norm(
    x.rows, x.columns, epsilon, x.base, scale, shift, out.base, cache.mean,
    cache.reciprocalDeviation)
}

// MARK: - Gradient

/// The output of `layerNorm` once more, from the means and deviations that it saved.
package func layerNormAgain(
  _ x: Matrix, scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>,
  into out: Matrix, cache: LayerNormCache
) {
  precondition(
    x.isContiguous && out.isContiguous && x.count == out.count, "\(x.shape) into \(out.shape)")
  ck_layer_norm_again(
    x.rows, x.columns, x.base, scale, shift, cache.mean, cache.reciprocalDeviation, out.base)
}

/// The reverse of `layerNorm`; adds to dx, dScale and dShift, so that a residual branch needs no
/// copy.
package func layerNormGradient(
  _ dOut: Matrix, x: Matrix, scale: UnsafeMutablePointer<Float>, cache: LayerNormCache,
  into dx: Matrix,
  intoScale dScale: UnsafeMutablePointer<Float>, intoShift dShift: UnsafeMutablePointer<Float>
) {
  precondition(
    dOut.isContiguous && dx.isContiguous && dOut.count == dx.count, "\(dOut.shape) into \(dx.shape)"
  )
  ck_layer_norm_gradient(
    x.rows, x.columns, x.base, scale, cache.mean, cache.reciprocalDeviation, dOut.base, dx.base,
    dScale, dShift)
}
