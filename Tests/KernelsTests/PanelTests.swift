import CKernels
import TestSupport
import Testing

@testable import Kernels

/// The units that this CPU has, and the model of the matrix unit.
private let units = MatrixUnit.allCases.filter(\.isUsable)

@Suite struct PanelTests {
  init() throws { try loadBLAS() }

  /// What a unit sees of a number.
  private func seen(_ x: Double, by unit: MatrixUnit) -> Double {
    guard unit.rounds else { return x }
    let bits = Float(x).bitPattern
    // To nearest, ties to even, done the long way.
    let (lower, rest) = (bits & 0xffff_0000, bits & 0xffff)
    let up = rest > 0x8000 || (rest == 0x8000 && lower >> 16 & 1 == 1)
    return Double(Float(bitPattern: up ? lower + 0x1_0000 : lower))
  }

  /// More than one block of rows, and more than one pass over the depth, among them.
  @Test(arguments: units, oddSizes + [100, 600])
  func `products and transposed products are sums of what the unit sees`(
    unit: MatrixUnit, size: Int
  ) {
    let arena = Arena()
    let (rows, columns, depth) = (size > 500 ? 13 : size, size > 500 ? 5 : size / 3 + 2, size)
    let (a, b) = (normals(rows * depth, seed: 1), normals(depth * columns, seed: 2))
    let start = normals(rows * columns, seed: 3)
    let (left, right) = (a.map { seen($0, by: unit) }, b.map { seen($0, by: unit) })
    func sums(from start: [Double]) -> [Double] {
      var sums = start
      for i in 0..<rows {
        for j in 0..<columns {
          for k in 0..<depth {
            sums[i * columns + j] += left[i * depth + k] * right[k * columns + j]
          }
        }
      }
      return sums
    }
    let scratch = ProductScratch(
      unit: unit, rows: depth, widest: max(rows, columns, depth), gradient: true, in: arena)
    let panels = Panels(unit: unit, rows: depth, columns: columns, in: arena)
    panels.fill(arena.matrix(depth, columns, b))
    let c = arena.matrix(rows, columns, start)
    let matrix = arena.matrix(rows, depth, a)
    matrixProduct(matrix, panels, into: c, accumulating: true, scratch: scratch)
    let tolerance = 1e-6 * Double(depth)
    expectClose(c.doubles, sums(from: start), absolute: tolerance, "c + a b")
    matrixProduct(matrix, panels, into: c, accumulating: false, scratch: scratch)
    expectClose(c.doubles, sums(from: start.map { _ in 0 }), absolute: tolerance, "a b")

    let transposed = (0..<depth * rows).map { a[$0 % rows * depth + $0 / rows] }
    let added = arena.matrix(rows, columns, start)
    matrixProduct(
      transposeOf: arena.matrix(depth, rows, transposed),
      scratch.panels(unit, of: arena.matrix(depth, columns, b)), into: added, accumulating: true,
      scratch: scratch)
    expectClose(added.doubles, sums(from: start), absolute: tolerance, "c + aᵀᵀ b")

    let other = Panels(unit: unit, rows: depth, columns: columns, in: arena)
    other.fill(
      transposeOf: arena.matrix(
        columns, depth, (0..<columns * depth).map { b[$0 % depth * columns + $0 / depth] }))
    matrixProduct(matrix, other, into: c, accumulating: false, scratch: scratch)
    expectClose(c.doubles, sums(from: start.map { _ in 0 }), absolute: tolerance, "a bᵀᵀ")
  }

  @Test(arguments: units, [1, 31, 32, 33, 64, 70])
  func `the first rows and columns of panels are a matrix`(unit: MatrixUnit, depth: Int) {
    let arena = Arena()
    let (rows, columns) = (5, 70)
    let b = arena.matrix(70, columns, normals(70 * columns, seed: 1))
    let a = arena.matrix(rows, depth, normals(rows * depth, seed: 2))
    let scratch = ProductScratch(unit: unit, rows: 70, widest: 70, gradient: true, in: arena)
    let panels = Panels(unit: unit, rows: 70, columns: columns, in: arena)
    panels.fill(b)
    let (found, expected) = (arena.matrix(rows, depth), arena.matrix(rows, depth))
    matrixProduct(
      a, panels.first(rows: depth, columns: depth), into: found, accumulating: false,
      scratch: scratch)
    matrixProduct(
      a, scratch.panels(unit, of: b.rows(0..<depth).columns(0..<depth)), into: expected,
      accumulating: false, scratch: scratch)
    #expect(found.doubles == expected.doubles)
  }

  @Test(
    .enabled(if: MatrixUnit.avx2.isUsable && MatrixUnit.avx512.isUsable),
    arguments: oddSizes + [100, 600])
  func `narrow and wide vectors give the same bits`(size: Int) {
    let (arena, rows, columns) = (Arena(), size / 2 + 1, size / 3 + 2)
    let a = arena.matrix(rows, size, normals(rows * size, seed: 1))
    let b = arena.matrix(size, columns, normals(size * columns, seed: 2))
    let products = [MatrixUnit.avx2, .avx512].map { unit in
      let (whole, plain) = (arena.matrix(rows, columns), arena.matrix(rows, columns))
      unit.multiply(a, by: b, into: whole)
      ck_small_product(
        unit.kernel, rows, columns, size, a.base, a.stride, 1, b.base, b.stride, plain.base,
        plain.stride, 0)
      return whole.doubles + plain.doubles
    }
    #expect(products[0] == products[1])
  }

  @Test(arguments: units)
  func `rounded numbers that are not finite stay so`(unit: MatrixUnit) {
    let arena = Arena()
    let a = arena.matrix(3, 2, [.infinity, 0, .nan, 0, 3e38, 0])
    let panels = Panels(unit: unit, rows: 2, columns: 1, in: arena)
    panels.fill(arena.matrix(2, 1, [1, 1]))
    let c = arena.matrix(3, 1)
    let scratch = ProductScratch(unit: unit, rows: 3, widest: 3, gradient: false, in: arena)
    matrixProduct(a, panels, into: c, accumulating: false, scratch: scratch)
    #expect(c[0][0] == .infinity)
    #expect(c[1][0].isNaN)
    #expect(c[2][0] > 2.9e38)
  }

  @Test(arguments: units)
  func `a linear layer with panels is the one without`(unit: MatrixUnit) {
    let arena = Arena()
    let (rows, inputs, outputs) = (101, 37, 45)
    // Whole numbers, which no unit rounds.
    func whole(_ count: Int, _ seed: UInt64) -> [Double] {
      normals(count, seed: seed).map { (3 * $0).rounded() }
    }
    let x = arena.matrix(rows, inputs, whole(rows * inputs, 1))
    let w = arena.matrix(outputs, inputs, whole(outputs * inputs, 2))
    let bias = arena.vector(whole(outputs, 3))
    let residual = arena.matrix(rows, outputs, whole(rows * outputs, 4))
    let dy = arena.matrix(rows, outputs, whole(rows * outputs, 5))
    let forward = Panels(unit: unit, rows: inputs, columns: outputs, in: arena)
    let backward = Panels(unit: unit, rows: outputs, columns: inputs, in: arena)
    forward.fill(transposeOf: w)
    backward.fill(w)
    let scratch = ProductScratch(unit: unit, rows: rows, widest: 45, gradient: true, in: arena)
    func results(_ weight: LinearWeight) -> [[Double]] {
      let (y, z) = (arena.matrix(rows, outputs), arena.matrix(rows, outputs))
      let dw = arena.matrix(outputs, inputs, whole(outputs * inputs, 6))
      let db = arena.vector(whole(outputs, 7))
      let dx = arena.matrix(rows, inputs)
      var finished: [Int] = []
      linear(x, weight: weight, bias: bias, residual: residual, into: y, scratch: scratch)
      linear(x, weight: weight, bias: nil, into: z, scratch: scratch) { finished += Array($0) }
      #expect(finished == Array(0..<rows))
      linearGradient(
        dy, x: x, weight: weight, intoWeight: dw, intoBias: db, into: dx, scratch: scratch)
      return [y.doubles, z.doubles, dw.doubles, doubles(db, outputs), dx.doubles]
    }
    #expect(results(LinearWeight(w, panels: (forward, backward))) == results(LinearWeight(w)))
  }
}
