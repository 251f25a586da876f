import CKernels

/// The right factor of a product, laid out for a unit: [rows, columns].
package struct Panels {
  let unit: MatrixUnit
  let rows: Int
  let columns: Int
  /// The rows that are laid out, of which `rows` are the first.
  fileprivate let depth: Int
  let base: UnsafeMutableRawPointer

  /// The bytes that panels of a matrix take, its padding included.
  package static func size(_ unit: MatrixUnit, rows: Int, columns: Int) -> Int {
    let panel = Int(CK_PANEL)
    return ck_unit_depth(unit.kernel, rows) * ((columns + panel - 1) / panel * panel)
      * ck_unit_element(unit.kernel)
  }

  package init(unit: MatrixUnit, rows: Int, columns: Int, base: UnsafeMutableRawPointer) {
    self.init(unit: unit, rows: rows, columns: columns, depth: rows, base: base)
  }

  private init(
    unit: MatrixUnit, rows: Int, columns: Int, depth: Int, base: UnsafeMutableRawPointer
  ) {
    self.unit = unit
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.base = base
  }

  init(unit: MatrixUnit, rows: Int, columns: Int, in arena: Arena) {
    let size = Self.size(unit, rows: rows, columns: columns)
    self.init(
      unit: unit, rows: rows, columns: columns,
      base: UnsafeMutableRawPointer(arena.memory(of: UInt8.self, size)))
  }

  /// The matrix without its last rows and columns.
  func first(rows: Int, columns: Int) -> Panels {
    precondition(
      rows <= self.rows && columns <= self.columns,
      "\(rows)×\(columns) of \(self.rows)×\(self.columns)")
    return Panels(unit: unit, rows: rows, columns: columns, depth: depth, base: base)
  }

  /// Takes the elements of b [rows, columns].
  package func fill(_ b: Matrix) {
    precondition(b.rows == rows && b.columns == columns, "\(b.shape) as \(rows)×\(columns)")
    ck_panels(unit.kernel, rows, columns, b.base, b.stride, base)
  }

  /// Takes the elements of the transpose of b [columns, rows].
  package func fill(transposeOf b: Matrix) {
    precondition(b.columns == rows && b.rows == columns, "\(b.shape)ᵀ as \(rows)×\(columns)")
    ck_panels_transposed(unit.kernel, rows, columns, b.base, b.stride, base)
  }
}

/// Memory for the factors of one product at a time.
package struct ProductScratch {
  package let unit: MatrixUnit
  /// A block of rows of the left factor, rounded.
  fileprivate let rows: UnsafeMutablePointer<ck_bf16>?
  /// The panels of a right factor that is no weight.
  private let panels: UnsafeMutableRawPointer?
  /// The bytes of `panels`.
  private let panelBytes: Int

  /// - Parameters:
  ///   - rows: The most rows of x.
  ///   - widest: The largest of all inputs, and of all outputs of weights that are rounded.
  ///   - gradient: Whether `linearGradient` will use it.
  package init(unit: MatrixUnit, rows: Int, widest: Int, gradient: Bool, in arena: Arena) {
    self.unit = unit
    let depth = gradient ? max(rows, widest) : widest
    self.rows =
      unit.rounds
      ? arena.memory(of: ck_bf16.self, Tuning.productRows * ck_unit_depth(unit.kernel, depth)) : nil
    panelBytes = gradient ? Self.bytesOfPanels(rows: rows, widest: widest) : 0
    panels =
      gradient ? UnsafeMutableRawPointer(arena.memory(of: UInt8.self, panelBytes)) : nil
  }

  /// A unit that rounds has matrices beside it that are not.
  private static func bytesOfPanels(rows: Int, widest: Int) -> Int {
    2 * Panels.size(.software, rows: rows, columns: widest)
  }

  /// The bytes of an arena that `init` takes.
  package static func bytes(unit: MatrixUnit, rows: Int, widest: Int, gradient: Bool) -> Int {
    let depth = gradient ? max(rows, widest) : widest
    let rounded =
      unit.rounds
      ? Arena.bytes(ck_bf16.self, Tuning.productRows * ck_unit_depth(unit.kernel, depth)) : 0
    let panels =
      gradient ? Arena.bytes(UInt8.self, bytesOfPanels(rows: rows, widest: widest)) : 0
    return rounded + panels
  }

  /// The panels of x.
  func panels(_ unit: MatrixUnit, of x: Matrix) -> Panels {
    guard let panels else { preconditionFailure("a gradient with the scratch of a forward pass") }
    precondition(
      Panels.size(unit, rows: x.rows, columns: x.columns) <= panelBytes,
      "\(x.shape) in \(panelBytes) bytes for panels")
    let result = Panels(unit: unit, rows: x.rows, columns: x.columns, base: panels)
    result.fill(x)
    return result
  }
}

/// `c = a · b`, or `c += a · b`: the sums of what the unit sees of the factors, to 1e-6 for each
/// term (`PanelTests`).
///
/// `finish` is called for blocks of rows of c as they get done, while they are in the cache.
func matrixProduct(
  _ a: Matrix, _ b: Panels, into c: Matrix, accumulating: Bool, scratch: ProductScratch,
  begin: (Range<Int>) -> Void = { _ in }, finish: (Range<Int>) -> Void = { _ in }
) {
  precondition(
    a.columns == b.rows && c.rows == a.rows && c.columns == b.columns,
    "matrix product: \(a.shape) · \(b.rows)×\(b.columns) into \(c.shape)")
  let depth = ck_unit_depth(b.unit.kernel, b.rows)
  forEachBlock(of: a.rows) { rows in
    begin(rows)
    if b.unit.rounds, let rounded = scratch.rows {
      ck_bf16_rows(rows.count, a.columns, a[rows.lowerBound], a.stride, depth, rounded)
      product(rounded, lda: depth, step: 1, b, into: c.rows(rows), accumulating: accumulating)
    } else {
      product(
        a[rows.lowerBound], lda: a.stride, step: 1, b, into: c.rows(rows),
        accumulating: accumulating)
    }
    finish(rows)
  }
}

/// `c = aᵀ · b`, or `c += aᵀ · b`.
func matrixProduct(
  transposeOf a: Matrix, _ b: Panels, into c: Matrix, accumulating: Bool, scratch: ProductScratch
) {
  precondition(
    a.rows == b.rows && c.rows == a.columns && c.columns == b.columns,
    "matrix product: \(a.shape)ᵀ · \(b.rows)×\(b.columns) into \(c.shape)")
  let depth = ck_unit_depth(b.unit.kernel, b.rows)
  forEachBlock(of: c.rows) { rows in
    let block = a.columns(rows)
    if b.unit.rounds, let rounded = scratch.rows {
      ck_bf16_rows_transposed(block.rows, block.columns, block.base, block.stride, depth, rounded)
      product(rounded, lda: depth, step: 1, b, into: c.rows(rows), accumulating: accumulating)
    } else {
      product(
        block.base, lda: 1, step: block.stride, b, into: c.rows(rows), accumulating: accumulating)
    }
  }
}

private func product(
  _ a: UnsafeRawPointer, lda: Int, step: Int, _ b: Panels, into c: Matrix, accumulating: Bool
) {
  ck_panel_product(
    b.unit.kernel, c.rows, c.columns, b.rows, a, lda, step, b.base, b.depth, c.base, c.stride,
    accumulating ? 1 : 0)
}

private func forEachBlock(of rows: Int, _ body: (Range<Int>) -> Void) {
  for first in stride(from: 0, to: rows, by: Tuning.productRows) {
    body(first..<min(rows, first + Tuning.productRows))
  }
}
