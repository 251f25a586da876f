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
  }
}
