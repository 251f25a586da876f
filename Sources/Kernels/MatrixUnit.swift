import CKernels

/// What multiplies a matrix by one that is laid out in panels; sums are in single precision.
package enum MatrixUnit: String, Sendable, CaseIterable {
  /// AVX2, in single precision, with the bits of AVX-512.
  case avx2 = "AVX2"
  /// AVX-512, in single precision.
  case avx512 = "AVX-512"
  /// The dot products of AVX-512 BF16.
  case avx512bf16 = "AVX-512 BF16"
  /// Intel's matrix unit, on bfloat16.
  case amx = "AMX BF16"
  /// A model of that unit, for tests; slow.
  case software = "software BF16"

  var kernel: ck_unit {
    switch self {
    case .avx2: CK_AVX2
    case .avx512: CK_AVX512
    case .avx512bf16: CK_AVX512_BF16
    case .amx: CK_AMX_BF16
    case .software: CK_SOFTWARE_BF16
    }
  }

  /// Whether factors are rounded to bfloat16.
  package var rounds: Bool { ck_unit_rounds(kernel) != 0 }

  /// What multiplies beside this unit what must not be rounded; nil for BLAS.
  package var unrounded: MatrixUnit? { rounds ? .best(for: .fp32) : self }

  /// Whether this CPU has the unit, the system lets the program use it, and it multiplies as it
  /// should.
  package var isUsable: Bool { isPresent && isRight }

  /// Whether this CPU has the unit and the system lets the program use it.
  package var isPresent: Bool { ck_unit_is_present(kernel) != 0 }

  /// The fastest unit of this machine for a precision; nil where BLAS does it, or, for bf16, where
  /// there is none.
  package static func best(for precision: Precision) -> MatrixUnit? {
    precision.resolved == .bf16 ? bestRounding : bestSingle
  }

  static let bestRounding = [MatrixUnit.amx, .avx512bf16].first(where: \.isUsable)
  private static let bestSingle = [MatrixUnit.avx512, .avx2].first(where: \.isUsable)

  /// A product of small whole numbers, which bfloat16 holds exactly, comes out exactly.
  private var isRight: Bool {
    let (rows, columns, depth) = (45, 70, 90)
    let arena = Arena()
    let (a, b) = (arena.matrix(rows, depth), arena.matrix(depth, columns))
    let c = arena.matrix(rows, columns)
    for i in 0..<a.count { a.base[i] = Float((i * 7) % 11 - 5) }
    for i in 0..<b.count { b.base[i] = Float((i * 5) % 13 - 6) }
    multiply(a, by: b, into: c)
    return (0..<rows).allSatisfy { i in
      (0..<columns).allSatisfy { j in
        c[i][j] == (0..<depth).reduce(0) { $0 + a[i][$1] * b[$1][j] }
      }
    }
  }

  /// `c = a · b`, with b laid out in panels first.
  package func multiply(_ a: Matrix, by b: Matrix, into c: Matrix) {
    let arena = Arena()
    let panels = Panels(unit: self, rows: b.rows, columns: b.columns, in: arena)
    panels.fill(b)
    let scratch = ProductScratch(
      unit: self, rows: a.rows, widest: b.rows, gradient: false, in: arena)
    matrixProduct(a, panels, into: c, accumulating: false, scratch: scratch)
  }
}
