import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

private let low = -7.0
private let high = 4.0

/// The log-density of one mixture by its definition; raw: K logits, K means, K log σ.
private func reference(_ raw: [Double], _ x: Double) -> Double {
  let k = raw.count / 3
  func logSumExp(_ terms: [Double]) -> Double {
    let top = terms.max() ?? 0
    return top + log(terms.reduce(0) { $0 + exp($1 - top) })
  }
  let total = logSumExp(Array(raw[0..<k]))
  return logSumExp(
    (0..<k).map { index in
      let logSigma = min(max(raw[2 * k + index], low), high)
      let u = (x - raw[k + index]) * exp(-logSigma)
      return raw[index] - total - 0.5 * u * u - logSigma - 0.5 * log(2 * Double.pi)
    })
}

private func logDensities(_ raw: [Double], _ x: [Double]) -> [Double] {
  var found = [Float](repeating: 0, count: x.count)
  ck_mixture_log_density(
    x.count, raw.count / x.count / 3, Float(low), Float(high), [], 0, raw.map { Float($0) },
    x.map { Float($0) }, &found)
  return found.map(Double.init)
}

@Suite struct MixtureDensityTests {
  @Test(arguments: [1, 3, 7, 8, 17, 33, 64])
  func `log-density and gradient`(components: Int) {
    let count = 11
    let raw = normals(count * 3 * components, seed: 1, scale: 1.5)
    let x = normals(count, seed: 2, scale: 2)
    func mixture(_ index: Int) -> [Double] {
      Array(raw[index * 3 * components..<(index + 1) * 3 * components])
    }
    let expected = (0..<count).map { reference(mixture($0), x[$0]) }
    expectClose(logDensities(raw, x), expected, absolute: 2e-6, relative: 2e-6, "log f")

    var draw = [Float](repeating: .nan, count: raw.count)
    let before = normals(count, seed: 3)
    var dx = before.map { Float($0) }
    ck_mixture_gradient(
      count, components, Float(low), Float(high), [], 0, -1.5, raw.map { Float($0) },
      x.map { Float($0) }, &draw, &dx)
    for index in 0..<count {
      let gradient = numericGradient(mixture(index) + [x[index]]) {
        -1.5 * reference(Array($0.dropLast()), $0[$0.count - 1])
      }
      let scale = gradient.map { abs($0) }.max() ?? 1
      let found = draw[index * 3 * components..<(index + 1) * 3 * components].map(Double.init)
      expectClose(
        found + [Double(dx[index]) - before[index]], gradient, absolute: 1e-5 * max(1, scale),
        "gradient of \(index)")
    }
  }

  @Test func `far tails keep their relative accuracy`() {
    let raw = [0.5, -1, 0, -1, 2, 0.5, -6.9, -2, 3.9]
    let x = [-1e6, -1e4, -300, -30, 30, 300, 1e4, 1e6]
    let all = x.flatMap { _ in raw }
    expectClose(logDensities(all, x), x.map { reference(raw, $0) }, relative: 2e-6, "log f")
    // A single narrow component, where −½u² is near −10¹².
    let narrow = [0, 0.25, -6.5]
    let far = [-2000, 2000.0]
    expectClose(
      logDensities(narrow + narrow, far), far.map { reference(narrow, $0) }, relative: 2e-6)
  }

  @Test func `log σ beyond its range is clamped and has no gradient`() {
    for (outside, limit) in [(-9.0, low), (-1e30, low), (4.5, high), (1e30, high)] {
      let raw = [0.2, -0.3, 0.1, 0.4, outside, 0]
      #expect(
        logDensities(raw, [0.15]) == logDensities([0.2, -0.3, 0.1, 0.4, limit, 0], [0.15]))
      var draw = [Float](repeating: .nan, count: 6)
      var dx: Float = 0
      ck_mixture_gradient(
        1, 2, Float(low), Float(high), [], 0, 1, raw.map { Float($0) }, [0.15], &draw, &dx)
      #expect(draw[4] == 0)
      #expect(draw[5] != 0)
      #expect(draw.allSatisfy { $0.isFinite })
    }
  }

  @Test func `the gradient may overwrite the parameters`() {
    let raw = normals(5 * 9, seed: 4).map { Float($0) }
    let x = normals(5, seed: 5).map { Float($0) }
    var separate = [Float](repeating: 0, count: raw.count)
    var dx = [Float](repeating: 0, count: 5)
    ck_mixture_gradient(5, 3, -7, 4, [], 0, 1, raw, x, &separate, &dx)
    var shared = raw
    shared.withUnsafeMutableBufferPointer { buffer in
      ck_mixture_gradient(5, 3, -7, 4, [], 0, 1, buffer.baseAddress, x, buffer.baseAddress, &dx)
    }
    #expect(shared == separate)
  }
}
