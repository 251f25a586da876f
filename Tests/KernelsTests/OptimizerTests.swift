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
