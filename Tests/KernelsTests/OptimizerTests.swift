import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: oddSizes)
  func `AdamW is algorithm 2 of its paper over several steps`(count: Int) {
    let optimizer = AdamW(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1)
    var expected = normals(count, seed: 1)
    var weights = expected.map { Float($0) }
    var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    var moments = AdamW.Moments(count: count)
    for step in 1...6 {
      let rate = 0.05 / Double(step)
      let gradient = normals(count, seed: UInt64(10 + step))
      for i in 0..<count {
        let g = 0.5 * gradient[i]
        m[i] = 0.8 * m[i] + 0.2 * g
        v[i] = 0.95 * v[i] + 0.05 * g * g
        let mHat = m[i] / (1 - pow(0.8, Double(step)))
        let vHat = v[i] / (1 - pow(0.95, Double(step)))
        expected[i] -= rate * 0.1 * expected[i]
        expected[i] -= rate * mHat / (vHat.squareRoot() + 1e-6)
      }
      optimizer.update(
        step: step, learningRate: rate, gradient: gradient.map { Float($0) }, gradientFactor: 0.5,
        moments: &moments, weights: &weights)
      expectClose(weights.map(Double.init), expected, absolute: 1e-6, relative: 1e-6, "weights")
      expectClose(moments.first.map(Double.init), m, absolute: 1e-6, relative: 1e-6, "first moment")
      expectClose(
        moments.second.map(Double.init), v, absolute: 1e-6, relative: 1e-6, "second moment")
    }
  }

  @Test func `AdamW leaves the weights outside of the parts alone`() {
    let gradient = normals(40, seed: 1).map { Float($0) }
    let start = normals(40, seed: 2).map { Float($0) }
    func stepped(_ parts: [Range<Int>]?) -> ([Float], AdamW.Moments) {
      var (weights, moments) = (start, AdamW.Moments(count: 40))
      AdamW().update(
        step: 1, learningRate: 0.1, gradient: gradient, moments: &moments, weights: &weights,
        parts: parts)
      return (weights, moments)
    }
    let (whole, part) = (stepped(nil), stepped([3..<10, 20..<21]))
    for index in 0..<40 {
      let moves = (3..<10).contains(index) || index == 20
      #expect(part.0[index] == (moves ? whole.0[index] : start[index]))
      #expect(part.1.second[index] == (moves ? whole.1.second[index] : 0))
    }
  }

  /// The transpose, [columns, rows], of a matrix.
  private func transposed(_ x: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<x.count).map { x[$0 % rows * columns + $0 / rows] }
  }

  /// The matrix (3i + 5j + 2ij²) mod 13 − 6, [4, 6], by NumPy in double precision.
  ///
  /// `x = m / norm(m)`, and then five times `a = x @ x.T; x = 3.4445 * x + (-4.775 * a + 2.0315 * a @
  /// a) @ x`. Three times change an element by 0.06, four or six by 0.28, and 0.001 of a constant
  /// by 0.005.
  @Test func `a matrix and its transpose are orthogonalized as by NumPy`() throws {
    try loadBLAS()
    let matrix = (0..<24).map { index in
      let (i, j) = (index / 6, index % 6)
      return Float((3 * i + 5 * j + 2 * i * j * j) % 13 - 6)
    }
    let expected: [Float] = [
      -0.686828, 0.030072, 0.457885, -0.454261, 0.082780, 0.344648,
      -0.422497, 0.370763, 0.281665, 0.088141, -0.140149, -0.639149,
      -0.200756, -0.492468, 0.133837, 0.183936, 0.620678, -0.501646,
      0.195295, 0.429293, -0.130197, -0.791612, -0.052351, -0.404315,
    ]
    let wide = orthogonalized(matrix, rows: 4, columns: 6)
    expectClose(wide.map(Double.init), expected.map(Double.init), absolute: 1e-5, "4×6")
    let high = orthogonalized(transposed(matrix, 4, 6), rows: 6, columns: 4)
    expectClose(
      high.map(Double.init), transposed(expected, 4, 6).map(Double.init), absolute: 1e-5, "6×4")
  }

  @Test(arguments: [(1, 1), (1, 7), (6, 6), (5, 12), (12, 5), (32, 96)])
  func `orthogonalizing keeps the singular vectors, with values of about one`(
    rows: Int, columns: Int
  ) throws {
    try loadBLAS()
    let matrix = normals(rows * columns, seed: 3).map { Float($0) }
    let found = orthogonalized(matrix, rows: rows, columns: columns)
    expectClose(
      transposed(found, rows, columns).map(Double.init),
      orthogonalized(transposed(matrix, rows, columns), rows: columns, columns: rows)
        .map(Double.init), absolute: 2e-4, "transposed")
    // The singular vectors stay: O Mᵀ is symmetric, and its diagonal positive.
    let (o, m) = (found.map(Double.init), matrix.map(Double.init))
    func product(_ i: Int, _ j: Int) -> Double {
      (0..<columns).reduce(0) { $0 + o[i * columns + $1] * m[j * columns + $1] }
    }
    for i in 0..<rows {
      #expect(product(i, i) > 0)
      for j in 0..<i { expectClose([product(i, j)], [product(j, i)], absolute: 2e-3, "O Mᵀ") }
    }
    // |O|² is the sum of the squares of the singular values: here only their mean.
    let mean = o.reduce(0) { $0 + $1 * $1 } / Double(min(rows, columns))
    #expect(mean > 0.66 * 0.66 && mean < 1.2 * 1.2, "\(mean)")
  }

  @Test func `orthogonalizing keeps a diagonal and zero`() throws {
    try loadBLAS()
    let found = orthogonalized([-3, 0, 0, 0, 0.5, 0], rows: 2, columns: 3)
    for index in [1, 2, 3, 5] { #expect(found[index] == 0) }
    #expect(found[0] < -0.65 && found[0] > -1.25)
    #expect(found[4] > 0.65 && found[4] < 1.25)
    #expect(orthogonalized([0, 0], rows: 1, columns: 2) == [0, 0])
  }

  @Test func `Muon moves matrices by their orthogonalized average and nothing else`() throws {
    try loadBLAS()
    let start = normals(100, seed: 4).map { Float($0) }
    let places = [
      Muon.Place(offset: 3, rows: 4, columns: 6), Muon.Place(offset: 40, rows: 7, columns: 2),
      Muon.Place(offset: 54, rows: 3, columns: 3),
    ]
    let muon = Muon(beta: 0.8, weightDecay: 0.1)
    func stepped(workers: Int) -> [[Float]] {
      var (weights, averages) = (start, [Float](repeating: 0, count: 100))
      for step in 1...3 {
        muon.update(
          places, learningRate: 0.05, gradient: normals(100, seed: UInt64(step)).map { Float($0) },
          gradientFactor: 0.5, averages: &averages, weights: &weights, workers: workers)
      }
      return [weights, averages]
    }
    let found = stepped(workers: 1)
    #expect(found == stepped(workers: 3))
    var (weights, averages) = (start.map(Double.init), [Double](repeating: 0, count: 100))
    for step in 1...3 {
      let gradient = normals(100, seed: UInt64(step)).map { 0.5 * $0 }
      for place in places {
        for i in place.range { averages[i] = 0.8 * averages[i] + 0.2 * gradient[i] }
        let direction = orthogonalized(
          place.range.map { Float(0.8 * averages[$0] + 0.2 * gradient[$0]) },
          rows: place.rows, columns: place.columns)
        let length = 0.2 * 0.05 * Double(max(place.rows, place.columns)).squareRoot()
        for (i, value) in zip(place.range, direction) {
          weights[i] = weights[i] * (1 - 0.05 * 0.1) - length * Double(value)
        }
      }
    }
    expectClose(found[0].map(Double.init), weights, absolute: 2e-6, "weights")
    expectClose(found[1].map(Double.init), averages, absolute: 1e-6, "averages")
  }

  @Test(arguments: oddSizes)
  func `sums, norms and moving averages`(count: Int) {
    let (x, y) = (normals(count, seed: 2), normals(count, seed: 3))
    let floats = x.map { Float($0) }
    expectClose([gradientNorm(floats)], [dot(x, x).squareRoot()], relative: 1e-12, "norm")
    var sum = y.map { Float($0) }
    addGradients([floats, floats], to: &sum)
    expectClose(sum.map(Double.init), zip(x, y).map { 2 * $0 + $1 }, absolute: 1e-6, "sum")
    var average = y.map { Float($0) }
    updateMovingAverage(&average, of: floats, decay: 0.99)
    updateMovingAverage(&average, of: floats, decay: 0.9)
    let expected = zip(x, y).map { x, y in 0.9 * (0.99 * y + 0.01 * x) + 0.1 * x }
    expectClose(average.map(Double.init), expected, absolute: 1e-6, "average")
  }

  @Test func `the norm of large gradients does not overflow`() {
    #expect(gradientNorm([3e38, 2e38]).isFinite)
    #expect(gradientNorm([.nan]).isNaN)
  }
}
