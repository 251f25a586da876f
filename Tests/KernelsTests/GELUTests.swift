import Foundation
import Kernels
import TestSupport
import Testing

private func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

/// The approximation of Φ is good to 7.5e-8, to which single precision adds a few units in the last
/// place.
private let accuracy = 3e-7

@Suite struct GELUTests {
  @Test(arguments: oddSizes)
  func `bias and GELU on strided rows`(columns: Int) {
    let arena = Arena()
    let pre = normals(3 * (columns + 2), seed: 1, scale: 2)
    let bias = normals(columns, seed: 2)
    let input = arena.matrix(3, columns + 2, pre)
    let output = arena.matrix(3, columns + 2, pre)
    let view = input.columns(1..<1 + columns)
    addBiasAndGELU(view, bias: arena.vector(bias), into: output.columns(1..<1 + columns))
    var (biased, expected) = (pre, pre)
    for row in 0..<3 {
      for j in 0..<columns {
        let place = row * (columns + 2) + 1 + j
        biased[place] += bias[j]
        expected[place] = biased[place] * normalCDF(biased[place])
      }
    }
    expectClose(input.doubles, biased, absolute: 1e-6, "biased")
    expectClose(output.doubles, expected, absolute: accuracy, relative: accuracy, "GELU")
  }

  @Test func `GELU and its gradient over the whole range`() {
    let arena = Arena()
    let x = (-4000...4000).map { Double(Float(Double($0) * 0.005)) } + [-1e4, 1e4, -100, 100, -0.0]
    let pre = arena.matrix(1, x.count, x)
    let out = arena.matrix(1, x.count)
    addBiasAndGELU(pre, bias: arena.vector(x.map { _ in 0 }), into: out)
    expectClose(
      out.doubles, x.map { $0 * normalCDF($0) }, absolute: accuracy, relative: accuracy, "GELU")
    let upstream = normals(x.count, seed: 3)
    let gradient = arena.matrix(1, x.count, upstream)
    geluGradient(pre: pre, gradient)
    let expected = zip(x, upstream).map { x, upstream in
      upstream * (normalCDF(x) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot())
    }
    expectClose(gradient.doubles, expected, absolute: 4 * accuracy, "gradient")

    let (again, product) = (arena.matrix(1, x.count), arena.matrix(1, x.count, upstream))
    geluAndSlope(pre, into: again)
    multiply(product, by: pre)
    #expect(again.doubles == out.doubles)
    #expect(product.doubles == gradient.doubles)
  }

  @Test(arguments: oddSizes)
  func `a sum over rows and its gradient`(columns: Int) {
    let arena = Arena()
    let (pre, terms) = (normals(5 * columns, seed: 4), normals(5 * columns, seed: 5))
    let (bias, upstream) = (normals(columns, seed: 6), normals(columns, seed: 7))
    let hidden = arena.matrix(5, columns, pre)
    let sum = arena.vector(upstream)
    geluSum(hidden, terms: arena.matrix(5, columns, terms), bias: arena.vector(bias), into: sum)
    let biased = pre.indices.map { pre[$0] + terms[$0] + bias[$0 % columns] }
    expectClose(hidden.doubles, biased, absolute: 1e-6, "biased")
    let rows = 0..<5
    expectClose(
      (0..<columns).map { Double(sum[$0]) },
      (0..<columns).map { j in
        rows.reduce(0) { $0 + biased[$1 * columns + j] * normalCDF(biased[$1 * columns + j]) }
      }, absolute: 5 * accuracy, relative: accuracy, "sum")

    let (dTerms, dBias) = (arena.matrix(5, columns, terms), arena.vector(bias))
    geluSumGradient(arena.vector(upstream), pre: hidden, intoTerms: dTerms, intoBias: dBias)
    let expected = biased.enumerated().map { place, x in
      upstream[place % columns]
        * (normalCDF(x) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot())
    }
    expectClose(hidden.doubles, expected, absolute: 1e-5, "gradient")
    expectClose(
      dTerms.doubles, zip(terms, expected).map(+), absolute: 1e-5, "gradient of the terms")
    expectClose(
      (0..<columns).map { Double(dBias[$0]) },
      (0..<columns).map { j in rows.reduce(bias[j]) { $0 + expected[$1 * columns + j] } },
      absolute: 2e-5, "gradient of the bias")
  }
}
