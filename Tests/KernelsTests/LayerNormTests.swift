import Kernels
import TestSupport
import Testing

/// Rows of x [rows, columns] in double; parameters are (x, scale, shift) one after the other.
private func reference(_ parameters: [Double], rows: Int, columns: Int) -> [Double] {
  let scale = parameters[(rows * columns)...].prefix(columns)
  let shift = parameters.suffix(columns)
  return (0..<rows).flatMap { row -> [Double] in
    let x = parameters[row * columns..<(row + 1) * columns]
    let mean = x.reduce(0, +) / Double(columns)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
    return (0..<columns).map { j in
      (x[x.startIndex + j] - mean) / (variance + 1e-5).squareRoot() * scale[scale.startIndex + j]
        + shift[shift.startIndex + j]
    }
  }
}

@Suite struct LayerNormTests {
  @Test(arguments: oddSizes)
  func `LayerNorm and its gradient`(columns: Int) {
    let arena = Arena()
    let rows = 3
    let parameters = normals((rows + 2) * columns, seed: 1)
    let x = arena.matrix(rows, columns, Array(parameters.prefix(rows * columns)))
    let scale = arena.vector(Array(parameters[(rows * columns)...].prefix(columns)))
    let shift = arena.vector(Array(parameters.suffix(columns)))
    let out = arena.matrix(rows, columns)
    let cache = LayerNormCache(rows: rows, in: arena)
    layerNorm(x, scale: scale, shift: shift, into: out, saving: cache)
    expectClose(
      out.doubles, reference(parameters, rows: rows, columns: columns), absolute: 2e-6,
      relative: 2e-6, "out")
    let again = arena.matrix(rows, columns)
    layerNormAgain(x, scale: scale, shift: shift, into: again, cache: cache)
    expectClose(again.doubles, out.doubles, absolute: 1e-6, relative: 1e-6, "out again")

    let upstream = normals(rows * columns, seed: 2)
    let before = normals((rows + 2) * columns, seed: 3)
    let dx = arena.matrix(rows, columns, Array(before.prefix(rows * columns)))
    let dScale = arena.vector(Array(before[(rows * columns)...].prefix(columns)))
    let dShift = arena.vector(Array(before.suffix(columns)))
    layerNormGradient(
      arena.matrix(rows, columns, upstream), x: x, scale: scale, cache: cache, into: dx,
      intoScale: dScale, intoShift: dShift)
    let expected = numericGradient(parameters) {
      dot(reference($0, rows: rows, columns: columns), upstream)
    }
    expectClose(
      dx.doubles + doubles(dScale, columns) + doubles(dShift, columns),
      zip(before, expected).map { $0 + $1 }, absolute: 5e-6, relative: 5e-6, "gradient")
  }

  @Test func `a large mean costs no more than its rounding`() {
    let arena = Arena()
    let deviations = normals(64, seed: 4)
    let x = deviations.map { Double(Float($0 + 1000)) }
    let ones = [Double](repeating: 1, count: 64)
    let zeros = [Double](repeating: 0, count: 64)
    let out = arena.matrix(1, 64)
    layerNorm(
      arena.matrix(1, 64, x), scale: arena.vector(ones), shift: arena.vector(zeros), into: out,
      saving: LayerNormCache(rows: 1, in: arena))
    // The mean of numbers near 1000 is rounded to 6e-5 in single precision.
    expectClose(
      out.doubles, reference(x + ones + zeros, rows: 1, columns: 64), absolute: 2e-4, "out")
  }
}
