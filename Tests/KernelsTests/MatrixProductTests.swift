import Kernels
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  init() throws { try loadBLAS() }

  @Test(arguments: oddSizes, [Transposed.neither, .first, .second])
  func `a product of strided views is the sum over the inner index`(
    size: Int, transposed: Transposed
  ) {
    for beta: Float in [0, 1, -0.5] { check(size, transposed, beta) }
  }

  private func check(_ size: Int, _ transposed: Transposed, _ beta: Float) {
    let arena = Arena()
    let (m, n, k) = (size, size + 2, max(1, size - 1))
    let aShape = transposed == .first ? (k, m) : (m, k)
    let bShape = transposed == .second ? (n, k) : (k, n)
    let a = arena.matrix(aShape.0, aShape.1 + 5, normals(aShape.0 * (aShape.1 + 5), seed: 1))
      .columns(2..<2 + aShape.1)
    let b = arena.matrix(bShape.0, bShape.1 + 3, normals(bShape.0 * (bShape.1 + 3), seed: 2))
      .columns(1..<1 + bShape.1)
    let whole = arena.matrix(m, n + 4, normals(m * (n + 4), seed: 3))
    let before = whole.doubles
    var expected = before
    for i in 0..<m {
      for j in 0..<n {
        let sum = (0..<k).reduce(0.0) { sum, l in
          let left = transposed == .first ? a[l][i] : a[i][l]
          let right = transposed == .second ? b[j][l] : b[l][j]
          return sum + Double(left) * Double(right)
        }
        let place = i * (n + 4) + 1 + j
        expected[place] = sum + Double(beta) * before[place]
      }
    }
    matrixProduct(a, b, transposed, into: whole.columns(1..<1 + n), beta: beta)
    // The columns outside of the view must be as they were.
    expectClose(whole.doubles, expected, absolute: 1e-5, "product")
  }

  @Test(arguments: oddSizes)
  func `a linear layer and its gradient`(size: Int) {
    let arena = Arena()
    let (rows, inputs, outputs) = (3, size, size + 1)
    let x = normals(rows * inputs, seed: 4)
    let w = normals(outputs * inputs, seed: 5)
    let b = normals(outputs, seed: 6)
    let upstream = normals(rows * outputs, seed: 7)
    func reference(_ x: [Double], _ w: [Double], _ b: [Double]) -> [Double] {
      (0..<rows * outputs).map { place in
        let (row, out) = (place / outputs, place % outputs)
        return b[out] + (0..<inputs).reduce(0) { $0 + x[row * inputs + $1] * w[out * inputs + $1] }
      }
    }
    let input = arena.matrix(rows, inputs, x)
    let weight = arena.matrix(outputs, inputs, w)
    let y = arena.matrix(rows, outputs)
    linear(input, weight: LinearWeight(weight), bias: arena.vector(b), into: y)
    expectClose(y.doubles, reference(x, w, b), absolute: 1e-5, "y")
    linear(
      input, weight: LinearWeight(weight), bias: arena.vector(b),
      residual: arena.matrix(rows, outputs, upstream),
      into: y)
    expectClose(
      y.doubles, zip(reference(x, w, b), upstream).map { $0 + $1 }, absolute: 1e-5, "residual")
    linear(input, weight: LinearWeight(weight), bias: nil, into: y)
    expectClose(
      y.doubles, reference(x, w, b.map { _ in 0 }), absolute: 1e-5, "without a bias")

    let dw = arena.matrix(outputs, inputs, normals(outputs * inputs, seed: 8))
    let db = arena.vector(normals(outputs, seed: 9))
    let dx = arena.matrix(rows, inputs, normals(rows * inputs, seed: 10))
    let gradients = [
      numericGradient(x) { dot(reference($0, w, b), upstream) },
      numericGradient(w) { dot(reference(x, $0, b), upstream) },
      numericGradient(b) { dot(reference(x, w, $0), upstream) },
    ]
    // Gradients of parameters are added, that of the input only when asked for.
    let expectedW = zip(dw.doubles, gradients[1]).map { $0 + $1 }
    let expectedB = zip(doubles(db, outputs), gradients[2]).map { $0 + $1 }
    let accumulated = zip(dx.doubles, gradients[0]).map { $0 + $1 }
    let dy = arena.matrix(rows, outputs, upstream)
    linearGradient(
      dy, x: input, weight: LinearWeight(weight), intoWeight: dw, intoBias: db, into: dx,
      accumulating: true)
    expectClose(dw.doubles, expectedW, absolute: 2e-5, "dW")
    expectClose(doubles(db, outputs), expectedB, absolute: 2e-5, "db")
    expectClose(dx.doubles, accumulated, absolute: 2e-5, "dx added")
    linearGradient(
      dy, x: input, weight: LinearWeight(weight), intoWeight: dw, intoBias: nil, into: dx)
    expectClose(dx.doubles, gradients[0], absolute: 2e-5, "dx")
  }
}
