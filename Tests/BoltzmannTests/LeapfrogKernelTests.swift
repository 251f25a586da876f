import Foundation
import Kernels
import TestSupport
import Testing

@testable import Boltzmann

@Suite struct LeapfrogKernelTests {
  /// Two correlated normal numbers.
  private static let precision = [[2.0, -1.2], [-1.2, 1.5]]

  private static let gaussian = testPath(2, base: { normal($0) }) { x in
    let p = precision
    let slope = [p[0][0] * x[0] + p[0][1] * x[1], p[1][0] * x[0] + p[1][1] * x[1]]
    return (-(x[0] * slope[0] + x[1] * slope[1]) / 2, slope.map { -$0 })
  }

  /// Exact draws of it, [count, 2]: the inverse of the precision by its Cholesky factor.
  private func exact(_ count: Int, seed: UInt64) -> [Float] {
    let z = draws(2 * count, seed: seed).map(Double.init)
    // x = L⁻ᵀ z, L Lᵀ the precision.
    let a = 2.0.squareRoot()
    let b = -1.2 / a
    let c = (1.5 - b * b).squareRoot()
    return (0..<count).flatMap { index -> [Float] in
      let second = z[2 * index + 1] / c
      return [Float((z[2 * index] - b * second) / a), Float(second)]
    }
  }

  private func particles(_ x: [Float], _ path: AnnealedPath) -> Particles {
    let count = x.count / path.width
    let (target, base) = (path.targetSlopes(x, .serial), path.baseSlopes(x, .serial))
    return Particles(
      width: path.width, x: x, base: base.values, target: target.values,
      targetGradient: target.gradient, baseGradient: base.gradient,
      logWeights: [Double](repeating: 0, count: count), ancestors: Array(0..<count))
  }

  private func kernel(
    _ path: AnnealedPath, _ kernel: AnnealingSettings.Kernel, _ guide: AnnealingSettings.Guide,
    position: Double, step: Double, first: Int = 0
  ) -> LeapfrogKernel {
    LeapfrogKernel(
      path: path, kernel: kernel, guide: guide, steps: kernel == .hmc ? 4 : 1, position: position,
      stepSize: step, scales: [Double](repeating: 1, count: path.width), seed: 12, first: first,
      execution: .serial)
  }

  @Test(arguments: AnnealingSettings.Kernel.allCases)
  func `a particle has the noise of its number in the seed's stream`(
    kind: AnnealingSettings.Kernel
  ) {
    let x = exact(8, seed: 4)
    func moved(_ x: [Float], from first: Int) -> [Float] {
      var state = particles(x, Self.gaussian)
      let kernel = kernel(Self.gaussian, kind, .target, position: 0.5, step: 0.3, first: first)
      for number in 0..<3 { _ = kernel.move(&state, number: number) }
      return state.x
    }
    let (last, expected) = (Array(x[6...]), Array(moved(x, from: 0)[6...]))
    #expect(moved(last, from: 3) == expected)
    #expect(moved(last, from: 0) != expected)
  }

  /// Thirty numbers that are missing would take part in Metropolis' test with their momenta, led by
  /// the field of a normal density that they do not have.
  @Test(arguments: [true, false]) func `missing numbers stay, and take no part in the test`(
    isScaled: Bool
  ) {
    let (count, width) = (4_000, 32)
    @Sendable func ofTwo(_ x: [Double]) -> (value: Double, gradient: [Double]) {
      let (value, gradient) = normal(Array(x[..<2]))
      return (value, gradient + [Double](repeating: 0, count: width - 2))
    }
    let path = testPath(width, missing: Set(2..<width), base: ofTwo, target: ofTwo)
    let first = draws(2 * count, seed: 5)
    var x = [Float](repeating: 0, count: count * width)
    for index in 0..<count {
      for place in 0..<2 { x[index * width + place] = first[2 * index + place] }
    }
    var state = particles(x, path)
    let scales = isScaled ? state.scales(0.5, path, rows: 1_000) : path.evenScales
    #expect(scales[..<2].allSatisfy { $0 > 0.5 } && scales[2...].allSatisfy { $0 == 0 })
    let kernel = LeapfrogKernel(
      path: path, kernel: .hmc, guide: .target, steps: 4, position: 0.5, stepSize: 0.8,
      scales: scales, seed: 12, first: 0, execution: .serial)
    var acceptance = 0.0
    for number in 0..<4 { acceptance += kernel.move(&state, number: number).acceptance / 4 }
    #expect(state.x.indices.allSatisfy { $0 % width < 2 || state.x[$0] == 0 })
    let square = (0..<count).map { Double(state.x[$0 * width]) }.reduce(0) { $0 + $1 * $1 }
    // The standard deviation of the mean square of 4,000 normal numbers is 0.022.
    #expect(abs(square / Double(count) - 1) < 0.08, "\(square / Double(count))")
    #expect(acceptance > 0.8 && acceptance < 0.999, "\(acceptance)")
  }

  /// The flow from one half-plane of a slanted cut to another and back is the same at equilibrium,
  /// and moments stay what they were, though many moves are refused and the gradient is not π's.
  @Test(arguments: [AnnealingSettings.Kernel.hmc, .mala], AnnealingSettings.Guide.allCases)
  func `kernels keep the density in detailed balance`(
    kind: AnnealingSettings.Kernel, guide: AnnealingSettings.Guide
  ) {
    let count = 8_000
    // Half the way: the precision is half the identity and half the target's; draws of that density
    // come from those of the target by weights, so take a target whose path is constant instead.
    let constant = AnnealedPath(
      width: 2, base: { Self.gaussian.targetSlopes($0, $1).values },
      baseSlopes: { Self.gaussian.targetSlopes($0, $1) },
      targetSlopes: { x, execution in
        // The right density, led by a wrong gradient.
        let found = Self.gaussian.targetSlopes(x, execution)
        return (found.values, found.gradient.map { 0.6 * $0 })
      })
    var state = particles(exact(count, seed: 31), constant)
    let kernel = kernel(constant, kind, guide, position: 0.5, step: kind == .hmc ? 0.7 : 1.1)
    var (there, back, acceptance) = (0, 0, 0.0)
    for number in 0..<6 {
      let before = state.x
      acceptance += kernel.move(&state, number: number).acceptance / 6
      for index in 0..<count {
        func isInside(_ x: [Float]) -> Bool { x[2 * index] + 0.5 * x[2 * index + 1] > 0.8 }
        let (old, new) = (isInside(before), isInside(state.x))
        if !old, new { there += 1 }
        if old, !new { back += 1 }
      }
    }
    #expect(acceptance > 0.3 && acceptance < 0.95, "\(acceptance)")
    #expect(there > 500)
    #expect(abs(Double(there - back)) < 4.5 * Double(there + back).squareRoot())
    // ⟨x²⟩, ⟨xy⟩, ⟨y²⟩: the inverse of the precision, of determinant 1.56.
    let pairs = (0..<count).map { (Double(state.x[2 * $0]), Double(state.x[2 * $0 + 1])) }
    for (values, expected) in [
      (pairs.map { $0.0 * $0.0 }, 1.5 / 1.56), (pairs.map { $0.0 * $0.1 }, 1.2 / 1.56),
      (pairs.map { $0.1 * $0.1 }, 2 / 1.56), (pairs.map(\.0), 0), (pairs.map(\.1), 0),
    ] {
      let error = standardError(values)
      #expect(abs(mean(values) - expected) < 4.5 * error, "\(mean(values)) \(expected)")
    }
  }

  /// Of a standard normal density the unadjusted algorithm keeps the variance `1/(1 − h/2)`,
  /// `h = ε²/2`.
  @Test func `the unadjusted kernel has the bias that it is known for`() {
    let path = testPath(1, base: { normal($0) }, target: { normal($0) })
    let h = 0.5
    let expected = 1 / (1 - h / 2)
    var state = particles(
      draws(20_000, seed: 8, deviation: expected.squareRoot()), path)
    let kernel = kernel(path, .ula, .path, position: 1, step: (2 * h).squareRoot())
    for number in 0..<4 { _ = kernel.move(&state, number: number) }
    let squares = state.x.map { Double($0) * Double($0) }
    let error = standardError(squares)
    #expect(abs(mean(squares) - expected) < 4.5 * error)
    #expect(abs(mean(squares) - 1) > 10 * error)
  }

  @Test func `a trajectory out of all bounds is refused`() {
    let path = testPath(1, base: { normal($0) }) { x in
      (-x[0] * x[0] / 2, [x[0] > 0.5 ? 1e9 : -x[0]])
    }
    let x: [Float] = [2, 0.1, 3]
    var state = particles(x, path)
    let kernel = kernel(path, .hmc, .target, position: 1, step: 0.1)
    for number in 0..<3 { _ = kernel.move(&state, number: number) }
    #expect(state.x[0] == 2 && state.x[2] == 3)
  }

  @Test func `the next step keeps the share that it is to keep, and clashes do not count`() {
    // Ratios of deviation 3: (Σ w v)²/(Σ w · Σ w v²) = exp(−δ² 9) for many normal ones.
    let ratios = draws(20_000, seed: 3, deviation: 3).map(Double.init)
    let weights = [Double](repeating: 0, count: ratios.count)
    let step = annealingStep(logWeights: weights, logRatios: ratios, kept: 0.7, limit: 1)
    #expect(abs(step - (-log(0.7) / 9).squareRoot()) < 0.01)
    let more = ratios + [Double](repeating: -1e8, count: 4_000) + [-.infinity]
    let same = annealingStep(
      logWeights: weights + [Double](repeating: 0, count: 4_001), logRatios: more, kept: 0.7,
      limit: 1)
    #expect(abs(same - step) < 0.02)
    #expect(annealingStep(logWeights: weights, logRatios: ratios, kept: 0.7, limit: 0.1) == 0.1)
  }

  @Test func `scales are the deviations that a gradient tells of`() {
    let deviations = [0.1, 0.5, 30]
    let path = testPath(3, base: { normal($0) }) { x in
      (0, zip(x, deviations).map { -$0 / ($1 * $1) })
    }
    let x = draws(3 * 3_000, seed: 6).enumerated().map { $1 * Float(deviations[$0 % 3]) }
    let state = particles(x, path)
    expectClose(state.scales(1, path, rows: 3_000), [0.1, 0.5, 1], relative: 0.08)
    // Half the way the precisions are the means of both.
    let half = state.scales(0.5, path, rows: 3_000)
    let expected = 1 / (0.5 * (1 + 100) * 0.1)
    expectClose([half[0]], [expected], relative: 0.08)
  }
}
