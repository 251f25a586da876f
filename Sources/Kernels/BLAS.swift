import CKernels

/// Why matrices cannot be multiplied on this machine.
package struct BLASError: Error, Equatable, Sendable, CustomStringConvertible {
  package var description: String {
    "libopenblas.so.0 was not found; install it (Debian: apt-get install libopenblas-dev)"
  }
}

/// Loads OpenBLAS with the kernel that fits this CPU, and returns that kernel's name.
///
/// `OPENBLAS_CORETYPE` is respected when the user has set it. `matrixProduct` loads it as well, and
/// traps when it is missing: call this first, where matrices will be multiplied.
/// - Throws: `BLASError` when the library is missing.
@discardableResult
package func loadBLAS() throws(BLASError) -> String {
  guard ck_blas_load() == 0 else { throw BLASError() }
  return String(cString: ck_blas_kernel())
}

/// Which factor of a matrix product is transposed.
package enum Transposed {
  case neither, first, second
}

private let smallUnit = MatrixUnit.best(for: .fp32)?.kernel

/// `c = a · b + β · c`, with one factor transposed if asked.
///
/// `MatrixProductTests` compares it with sums in double precision.
package func matrixProduct(
  _ a: Matrix, _ b: Matrix, _ transposed: Transposed = .neither, into c: Matrix, beta: Float = 0
) {
  let (m, k) = transposed == .first ? (a.columns, a.rows) : (a.rows, a.columns)
  let (inner, n) = transposed == .second ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(
    k == inner && c.rows == m && c.columns == n,
    "matrix product: \(m)×\(k) · \(inner)×\(n) into \(c.shape)")
  if transposed != .second, b.count <= Tuning.smallProduct, beta == 0 || beta == 1,
    let smallUnit
  {
    let (row, step) = transposed == .first ? (1, a.stride) : (a.stride, 1)
    return ck_small_product(
      smallUnit, m, n, k, a.base, row, step, b.base, b.stride, c.base, c.stride, beta == 0 ? 0 : 1)
  }
  precondition(ck_blas_load() == 0, BLASError().description)
  ck_sgemm(
    transposed == .first ? 1 : 0, transposed == .second ? 1 : 0, Int32(m), Int32(n), Int32(k),
    1, a.base,
    Int32(a.stride), b.base, Int32(b.stride), beta, c.base, Int32(c.stride))
}
