import CKernels

/// A linear layer's weight [out, in], and its panels when its products are rounded to bfloat16.
package struct LinearWeight {
  /// The panels of Wᵀ, for `x Wᵀ`, and of W, for `dy W`.
  package typealias BothPanels = (forward: Panels, backward: Panels)

  package let matrix: Matrix
  package let panels: BothPanels?

  package init(_ matrix: Matrix, panels: BothPanels? = nil) {
    self.matrix = matrix
    self.panels = panels
  }
}

/// Memory for the rounded factors of one product at a time.
package struct RoundingScratch {
  private let rows: UnsafeMutablePointer<ck_bf16>
  private let panels: UnsafeMutablePointer<ck_bf16>?

  /// - Parameters:
  ///   - rows: The most rows of x.
  ///   - widest: The largest of all inputs and outputs.
  ///   - gradient: Whether `linearGradient` will use it.
  package init(rows: Int, widest: Int, gradient: Bool, in arena: Arena) {
    let depth = gradient ? max(rows, widest) : widest
    self.rows = arena.memory(of: ck_bf16.self, RoundedRows.block * ck_bf16_depth(depth))
    panels =
      gradient
      ? arena.memory(of: ck_bf16.self, Panels.size(rows: rows, columns: widest)) : nil
  }

  fileprivate func rows(_ count: Int, depth: Int) -> RoundedRows {
    RoundedRows(rows: count, depth: depth, base: rows)
  }

  fileprivate func panels(_ unit: BFloat16Unit, of x: Matrix) -> Panels {
    guard let panels else { preconditionFailure("a gradient with the scratch of a forward pass") }
    let result = Panels(unit: unit, rows: x.rows, columns: x.columns, base: panels)
    result.fill(x)
    return result
  }
}

/// `y = x Wᵀ + b` on every row, or `y = residual + x Wᵀ + b`: x [rows, in], W [out, in], b [out], residual and y [rows, out].
///
/// - Parameter finish: Is called for blocks of rows as they get done, while they are in the cache.
package func linear(
  _ x: Matrix, weight: LinearWeight, bias: UnsafeMutablePointer<Float>?, residual: Matrix? = nil,
  into y: Matrix, scratch: RoundingScratch? = nil, finish: (Range<Int>) -> Void = { _ in }
) {
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
    multiply(x, weight.matrix, .second, into: y, beta: bias == nil ? 0 : 1)
    return finish(0..<y.rows)
  }
  forEachBlock(of: y.rows) { rows in
    begin(rows)
    let rounded = scratch.rows(rows.count, depth: x.columns)
    rounded.fill(x.rows(rows))
    multiply(rounded, panels.forward, into: y.rows(rows), accumulating: bias != nil)
    finish(rows)
  }
}

/// Writes `bias` into every row, before products are added.
package func linearBias(_ bias: UnsafeMutablePointer<Float>, into y: Matrix) {
  precondition(y.isContiguous, "the bias fills contiguous rows, stride \(y.stride) of \(y.columns)")
  ck_fill_rows(y.rows, y.columns, bias, y.base)
}

// MARK: - Gradient

/// The reverse of `linear`: `dW += dyᵀ x`, `db += Σ_rows dy`, and `dx = dy W` (or `+=` if accumulating).
///
/// - Parameter finish: Is called for blocks of rows of dx as they get done.
package func linearGradient(
  _ dy: Matrix, x: Matrix, weight: LinearWeight, intoWeight dWeight: Matrix,
  intoBias dBias: UnsafeMutablePointer<Float>?,
  into dx: Matrix, accumulating: Bool = false, scratch: RoundingScratch? = nil,
  finish: (Range<Int>) -> Void = { _ in }
) {
  if let dBias { addColumnSums(of: dy, to: dBias) }
  guard let panels = weight.panels, let scratch else {
    multiply(dy, x, .first, into: dWeight, beta: 1)
    multiply(dy, weight.matrix, into: dx, beta: accumulating ? 1 : 0)
    return finish(0..<dx.rows)
  }
  let right = scratch.panels(panels.backward.unit, of: x)
  forEachBlock(of: dWeight.rows) { outputs in
    let rounded = scratch.rows(outputs.count, depth: dy.rows)
    rounded.fill(transposeOf: dy.columns(outputs))
    multiply(rounded, right, into: dWeight.rows(outputs), accumulating: true)
  }
  forEachBlock(of: dx.rows) { rows in
    let rounded = scratch.rows(rows.count, depth: dy.columns)
    rounded.fill(dy.rows(rows))
    multiply(rounded, panels.backward, into: dx.rows(rows), accumulating: accumulating)
    finish(rows)
  }
}

/// `sums += Σ_rows x`: x [rows, columns], sums [columns].
package func addColumnSums(of x: Matrix, to sums: UnsafeMutablePointer<Float>) {
  ck_add_column_sums(x.rows, x.columns, x.stride, x.base, sums)
}

private func forEachBlock(of rows: Int, _ body: (Range<Int>) -> Void) {
  for first in stride(from: 0, to: rows, by: RoundedRows.block) {
    body(first..<min(rows, first + RoundedRows.block))
  }
}
