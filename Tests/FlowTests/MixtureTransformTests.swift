import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

/// Mixtures with logits, means and log σ of the sizes that trained networks give, some of them
/// clamped.
private func mixtures(_ count: Int) -> [Mixture] {
  var generator = RandomGenerator(seed: 21, stream: .testing)
  return (0..<count).map { index in
    let components = 1 + index % 9
    let parameters = (0..<3).flatMap { row in
      (0..<components).map { _ in
        Float(row == 2 ? 2.5 * generator.normal() - 1.5 : 2 * generator.normal())
      }
    }
    var mixture = Mixture(components: components)
    parameters.withUnsafeBufferPointer { if let base = $0.baseAddress { mixture.load(base) } }
    return mixture
  }
}

@Suite struct MixtureTransformTests {
  @Test func `forward undoes inverse out to eight standard deviations`() {
    for (index, parameters) in mixtures(150).enumerated() {
      var mixture = parameters
      for z in stride(from: -8, through: 8, by: 0.5) {
        let x = mixture.inverse(z)
        let slope = exp(mixture.logDensity(x) - logNormalDensity(z))
        // Newton's method stops at changes of 1e-14 · (1 + |x|).
        expectClose(
          [mixture.forward(x)], [z],
          absolute: 1e-12 * (1 + abs(z)) + 2e-14 * (1 + abs(x)) * slope,
          "mixture \(index), z = \(z)")
      }
    }
  }

  @Test func `inverse undoes forward far outside of the data`() {
    for (index, parameters) in mixtures(150).enumerated() {
      var mixture = parameters
      for x in [-1e4, -200, -30, -4, -0.5, 0, 1.5, 6, 50, 1e3, 1e5] {
        let z = mixture.forward(x)
        let logSlope = mixture.logDensity(x) - logNormalDensity(z)
        #expect(z.isFinite && logSlope.isFinite, "mixture \(index), x = \(x)")
        // Between two narrow components F is flat, and x is lost in the rounding of z.
        let lost = 1e-13 * (1 + abs(z)) * exp(-logSlope)
        expectClose(
          [mixture.inverse(z)], [x], absolute: 1e-12 * (1 + abs(x)) + lost,
          "mixture \(index), x = \(x)")
      }
    }
  }

  @Test func `the map is monotone and its slope is the density's`() {
    for (index, parameters) in mixtures(60).enumerated() {
      var mixture = parameters
      var last = -Double.infinity
      for step in -60...60 {
        let x = 0.25 * Double(step)
        let z = mixture.forward(x)
        // Flat stretches are rounded, by no more than the last places of log F.
        #expect(z >= last - 1e-13 * (1 + abs(z)), "mixture \(index), x = \(x)")
        last = z
        let h = 1e-5 * exp(mixture.logSigmas.min() ?? 0)
        let difference = mixture.forward(x + h) - mixture.forward(x - h)
        let slope = exp(mixture.logDensity(x) - logNormalDensity(z))
        // Rounding of z over the step.
        expectClose(
          [difference / (2 * h)], [slope], absolute: 1e-15 * (1 + abs(z) + abs(x) * slope) / h,
          relative: 1e-6, "mixture \(index), x = \(x)")
      }
    }
  }

  @Test func `log σ is clamped and NaN stays NaN`() {
    var mixture = Mixture(components: 2)
    let parameters: [Float] = [0, 0, 0, 0, -50, 50]
    parameters.withUnsafeBufferPointer { if let base = $0.baseAddress { mixture.load(base) } }
    #expect(mixture.logSigmas == [-7, 4])
    let broken: [Float] = [0, 0, .nan, 0, 0, 0]
    broken.withUnsafeBufferPointer { if let base = $0.baseAddress { mixture.load(base) } }
    #expect(mixture.forward(0.5).isNaN)
    #expect(mixture.forward(.nan).isNaN)
    #expect(mixture.inverse(0.5).isNaN)
    #expect(mixture.inverse(.infinity) == .infinity)
  }

  /// Single precision is what the result is rounded to; the densities are those at the rounded
  /// place.
  @Test(arguments: [1, 3, 8, 13]) func `the fast inverse is the exact one`(components: Int) {
    let arena = Arena()
    var generator = RandomGenerator(seed: 8, stream: .testing)
    let count = 201
    let parameters = arena.matrix(count, 2 * 3 * components)
    for i in 0..<parameters.count {
      let isLogSigma = i / components % 3 == 2
      parameters.base[i] = Float(
        isLogSigma ? 2.5 * generator.normal() - 1.5 : 2 * generator.normal())
    }
    let (z, x) = (arena.matrix(count, 2), arena.matrix(count, 2))
    // Far into the tails; the very last ones only the slow code can do.
    for row in 0..<count { z[row][1] = Float(row - count / 2) * (row % 10 == 0 ? 0.5 : 0.08) }
    var logDeterminant = [Double](repeating: 0, count: count)
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureInverse(
        z, feature: 1, parameters: parameters, components: components, into: x,
        logDeterminant: logDeterminant,
        solved: arena.memory(of: UInt8.self, count))
    }
    var mixture = Mixture(components: components)
    for row in 0..<count {
      mixture.load(parameters[row] + 3 * components)
      let exact = mixture.inverse(Double(z[row][1]))
      expectClose([Double(x[row][1])], [exact], absolute: 6e-8 * abs(exact) + 1e-9, "x, row \(row)")
      let expected =
        logNormalDensity(Double(z[row][1])) - mixture.logDensity(Double(x[row][1]))
      expectClose([logDeterminant[row]], [expected], absolute: 1e-10, "density, row \(row)")
    }
  }

  /// Of two tokens with two features each, the last of which is missing.
  @Test(arguments: [1, 3, 8, 13]) func `the fast map is the exact one`(components: Int) {
    let arena = Arena()
    var generator = RandomGenerator(seed: 9, stream: .testing)
    let samples = 101
    let parameters = arena.matrix(2 * samples, 2 * 3 * components)
    for i in 0..<parameters.count {
      let isLogSigma = i / components % 3 == 2
      parameters.base[i] = Float(
        isLogSigma ? 2.5 * generator.normal() - 1.5 : 2 * generator.normal())
    }
    let (z, x) = (arena.matrix(2 * samples, 2), arena.matrix(2 * samples, 2))
    // Far into the tails; the very last ones only the slow code can do.
    for i in 0..<x.count { x.base[i] = Float(i - x.count / 2) * (i % 10 == 0 ? 2 : 0.03) }
    var logDeterminant = [Double](repeating: 0, count: samples)
    let solved = arena.memory(of: UInt8.self, samples)
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureForward(
        x, parameters: parameters, components: components, tokens: 2, periods: [0, 0, 0, -1],
        into: z, logDeterminant: logDeterminant, solved: solved)
    }
    #expect((0..<samples).contains { solved[$0] == 0 })
    #expect((0..<samples).contains { solved[$0] == 1 })
    var mixture = Mixture(components: components)
    for sample in 0..<samples {
      var expected = 0.0
      for (token, d) in [(0, 0), (0, 1), (1, 0)] {
        let row = 2 * sample + token
        mixture.load(parameters[row] + 3 * components * d)
        let value = Double(x[row][d])
        let exact = mixture.forward(value)
        expected += mixture.logDensity(value) - logNormalDensity(exact)
        expectClose([Double(z[row][d])], [exact], absolute: 6e-8 * abs(exact), "z, row \(row)")
      }
      #expect(z[2 * sample + 1][1] == 0)
      expectClose(
        [logDeterminant[sample]], [expected], absolute: 1e-9, relative: 1e-12, "sample \(sample)")
    }
  }

  @Test func `what is not finite stays so`() {
    let arena = Arena()
    let (parameters, z, x) = (arena.matrix(3, 3), arena.matrix(3, 1), arena.matrix(3, 1))
    parameters.fill(0)
    parameters[2][1] = .nan
    for (row, value) in [Float.infinity, .nan, 0.5].enumerated() { z[row][0] = value }
    var logDeterminant = [0.0, 0.0, 0.0]
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureInverse(
        z, feature: 0, parameters: parameters, components: 1, into: x,
        logDeterminant: logDeterminant,
        solved: arena.memory(of: UInt8.self, 3))
    }
    #expect(x[0][0] == .infinity)
    #expect(x[1][0].isNaN && x[2][0].isNaN)
    #expect(!logDeterminant[0].isFinite && !logDeterminant[1].isFinite)
  }

  @Test func `components of no weight leave the gradient finite`() {
    let arena = Arena()
    func matrix(_ values: [Float]) -> Matrix {
      let matrix = arena.matrix(1, values.count)
      for (index, value) in values.enumerated() { matrix.base[index] = value }
      return matrix
    }
    // The second component alone lies below x, with a weight of e⁻⁹⁰⁰.
    let parameters = matrix([0, -900, 50, -50, 0, 0])
    let x = matrix([-20])
    let (dParameters, dx, z) = (matrix([0, 0, 0, 0, 0, 0]), matrix([0]), matrix([0]))
    var logDeterminant = [0.0]
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureForward(
        x, parameters: parameters, components: 2, tokens: 1, into: z,
        logDeterminant: logDeterminant, solved: arena.memory(of: UInt8.self, 1))
    }
    mixtureGradient(
      matrix([1]), x: x, parameters: parameters, components: 2, slopes: [-1],
      into: dParameters,
      intoX: dx)
    #expect(dParameters.elements.allSatisfy { $0.isFinite })
    #expect(dx.base[0].isFinite)
  }
}
