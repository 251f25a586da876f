import CKernels

/// What multiplies matrices of bfloat16 numbers with sums in single precision.
package enum BFloat16Unit: String, Sendable, CaseIterable {
  /// Intel's matrix unit.
  case amx = "AMX"
  /// The dot products of AVX-512 BF16.
  case avx512 = "AVX-512 BF16"
  /// A model of the matrix unit, for tests; slow.
  case software

  var kernel: ck_bf16_unit {
    switch self {
    case .amx: CK_BF16_AMX
    case .avx512: CK_BF16_AVX512
    case .software: CK_BF16_SOFTWARE
    }
  }

  /// Whether this CPU has the unit, the system lets the program use it, and it multiplies as it should.
  package var isUsable: Bool { ck_bf16_supports(kernel) != 0 && isRight }

  /// The fastest unit of this machine; nil if it has none.
  package static let best: BFloat16Unit? = [.amx, .avx512].first(where: \.isUsable)

  /// A product of small whole numbers, which bfloat16 holds exactly, comes out exactly.
  private var isRight: Bool {
    let (rows, columns, depth) = (45, 70, 90)
    let arena = Arena()
    let (a, b) = (arena.matrix(rows, depth), arena.matrix(depth, columns))
    let c = arena.matrix(rows, columns)
    for i in 0..<a.count { a.base[i] = Float((i * 7) % 11 - 5) }
    for i in 0..<b.count { b.base[i] = Float((i * 5) % 13 - 6) }
    let left = RoundedRows(rows: rows, depth: depth, in: arena)
    left.fill(a)
    let right = Panels(unit: self, rows: depth, columns: columns, in: arena)
    right.fill(b)
    multiply(left, right, into: c, accumulating: false)
    return (0..<rows).allSatisfy { i in
      (0..<columns).allSatisfy { j in
        c[i][j] == (0..<depth).reduce(0) { $0 + a[i][$1] * b[$1][j] }
      }
    }
  }
}

/// The left factor of a product, rounded to bfloat16: [rows, depth], zeros up to a multiple of 32 columns.
struct RoundedRows {
  let rows: Int
  let depth: Int
  let base: UnsafeMutablePointer<ck_bf16>

  /// Rows that are rounded and multiplied at a time, a multiple of every unit's own number: they stay in the cache.
  static let block = 96

  init(rows: Int, depth: Int, in arena: Arena) {
    let padded = (rows + Self.block - 1) / Self.block * Self.block
    self.init(
      rows: rows, depth: depth,
      base: arena.memory(of: ck_bf16.self, padded * ck_bf16_depth(depth)))
  }

  init(rows: Int, depth: Int, base: UnsafeMutablePointer<ck_bf16>) {
    self.rows = rows
    self.depth = depth
    self.base = base
  }

  /// Rounds x [rows, depth].
  func fill(_ x: Matrix) {
    precondition(x.rows == rows && x.columns == depth, "\(x.shape) rounded to \(rows)×\(depth)")
    ck_bf16_rows(rows, depth, x.base, x.stride, ck_bf16_depth(depth), base)
  }

  /// Rounds the transpose of x [depth, rows].
  func fill(transposeOf x: Matrix) {
    precondition(x.columns == rows && x.rows == depth, "\(x.shape)ᵀ rounded to \(rows)×\(depth)")
    ck_bf16_rows_transposed(depth, rows, x.base, x.stride, ck_bf16_depth(depth), base)
  }
}

/// The right factor of a product, rounded to bfloat16 and laid out for the unit: [rows, columns].
package struct Panels {
  let unit: BFloat16Unit
  let rows: Int
  let columns: Int
  let base: UnsafeMutablePointer<ck_bf16>

  /// The elements that panels of a matrix take, its padding included.
  package static func size(rows: Int, columns: Int) -> Int {
    let panel = Int(CK_BF16_PANEL)
    return ck_bf16_depth(rows) * ((columns + panel - 1) / panel * panel)
  }

  package init(
    unit: BFloat16Unit, rows: Int, columns: Int, base: UnsafeMutablePointer<UInt16>
  ) {
    self.unit = unit
    self.rows = rows
    self.columns = columns
    self.base = base
  }

  init(unit: BFloat16Unit, rows: Int, columns: Int, in arena: Arena) {
    let size = Self.size(rows: rows, columns: columns)
    self.init(
      unit: unit, rows: rows, columns: columns, base: arena.memory(of: ck_bf16.self, size))
  }

  /// Rounds b [rows, columns].
  package func fill(_ b: Matrix) {
    precondition(b.rows == rows && b.columns == columns, "\(b.shape) rounded to \(rows)×\(columns)")
    ck_bf16_panels(rows, columns, b.base, b.stride, base)
  }

  /// Rounds the transpose of b [columns, rows].
  package func fill(transposeOf b: Matrix) {
    precondition(
      b.columns == rows && b.rows == columns, "\(b.shape)ᵀ rounded to \(rows)×\(columns)")
    ck_bf16_panels_transposed(rows, columns, b.base, b.stride, base)
  }
}

/// `c = a · b`, or `c += a · b`: the factors rounded, the sums in single precision.
func multiply(_ a: RoundedRows, _ b: Panels, into c: Matrix, accumulating: Bool) {
  precondition(
    a.depth == b.rows && c.rows == a.rows && c.columns == b.columns,
    "multiply: \(a.rows)×\(a.depth) · \(b.rows)×\(b.columns) into \(c.shape)")
  ck_bf16_product(
    b.unit.kernel, c.rows, c.columns, a.depth, a.base, b.base, c.base, c.stride,
    accumulating ? 1 : 0)
}
