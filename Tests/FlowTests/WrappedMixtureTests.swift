import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

private func mixture(_ parameters: [Float], period: Float) -> Mixture {
  var mixture = Mixture(components: parameters.count / 3)
  parameters.withUnsafeBufferPointer {
    if let base = $0.baseAddress { mixture.load(base, period: period) }
  }
  return mixture
}

@Suite struct WrappedMixtureTests {
  /// The trapezoidal rule on a circle is exact for a smooth function but for what its grid cannot
  /// see.
  @Test(arguments: [-3, -1, 0, 4] as [Float], [-70, -1, 0.2, 1.7, 33] as [Float])
  func `the density of a component integrates to one over the window`(
    logSigma: Float, mean: Float
  ) {
    for period in [2, 3.4627, 25] as [Float] {
      var component = mixture([0, mean, logSigma], period: period)
      let steps = 4096
      let sum = (0..<steps).reduce(0.0) {
        $0 + exp(component.logWrappedDensity(-0.9 + Double(period) * Double($1) / Double(steps)))
      }
      let integral = sum * Double(period) / Double(steps)
      expectClose([integral], [1], absolute: 1e-8, "σ \(logSigma), μ \(mean), period \(period)")
    }
  }

  @Test func `the density is that of the line, summed over all images`() {
    let period = 3.25
    var circle = mixture([0.4, -0.2, -1, 4.5, -0.3, -1.2], period: Float(period))
    for x in stride(from: -4.0, through: 4, by: 0.31) {
      let sum = (-9...9).reduce(0.0) { $0 + exp(circle.logDensity(x + period * Double($1))) }
      // The images left out are below 1e-8 of the largest density.
      expectClose([exp(circle.logWrappedDensity(x))], [sum], absolute: 2e-8, relative: 1e-7, "\(x)")
    }
  }

  @Test func `what is wrapped lies in the window, in double precision too`() {
    for (low, period) in [(-1.7, 3.3), (0.1, 7), (-31.4, 62.8)] as [(Float, Float)] {
      let (start, length) = (Double(low), Double(period))
      for turn in [-2.0, -1, 0, 1, 3] {
        for x in [start, start.nextDown, start.nextUp, start + 0.4 * length, start - 1e-9] {
          let place = Double(wrapped(x + turn * length, low: low, period: period))
          #expect(place >= start && place < start + length, "\(x) + \(turn) · \(length)")
          let distance = (place - x).remainder(dividingBy: length)
          #expect(abs(distance) < 1e-6 * length, "\(x) + \(turn) · \(length)")
        }
      }
    }
    #expect(wrapped(.infinity, low: 0, period: 1) == .infinity)
    #expect(wrapped(.nan, low: 0, period: 1).isNaN)
  }

  @Test(arguments: [1, 3, 8, 13]) func `the fast inverse is the exact one`(components: Int) {
    let (low, period) = (Float(-1.6), Float(3.47))
    let arena = Arena()
    var generator = RandomGenerator(seed: 8, stream: .testing)
    let count = 201
    let parameters = arena.matrix(count, 3 * components)
    for i in 0..<parameters.count {
      let isLogSigma = i / components % 3 == 2
      parameters.base[i] = Float(
        isLogSigma ? 1.5 * generator.normal() - 1.5 : 2 * generator.normal())
    }
    let (z, x) = (arena.matrix(count, 1), arena.matrix(count, 1))
    for row in 0..<count { z[row][0] = Float(row - count / 2) * (row % 10 == 0 ? 0.5 : 0.04) }
    var logDeterminant = [Double](repeating: 0, count: count)
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureInverse(
        z, feature: 0, parameters: parameters, components: components, low: low, period: period,
        into: x, logDeterminant: logDeterminant, solved: arena.memory(of: UInt8.self, count))
    }
    var moved = 0
    var exact = Mixture(components: components)
    for row in 0..<count {
      exact.load(parameters[row], period: period)
      let unwrapped = exact.inverse(Double(z[row][0]))
      let place = Double(x[row][0])
      let distance = (place - unwrapped).remainder(dividingBy: Double(period))
      #expect(abs(distance) < 1.3e-7 * (1 + abs(unwrapped)), "x, row \(row)")
      #expect(place >= Double(low) && place < Double(low) + Double(period), "x, row \(row)")
      if abs(place - unwrapped) > 1 { moved += 1 }
      let expected = logNormalDensity(Double(z[row][0])) - exact.logWrappedDensity(place)
      expectClose([logDeterminant[row]], [expected], absolute: 1e-10, "density, row \(row)")
    }
    #expect(moved > 20)
  }

  @Test func `the fast map is the exact one`() {
    let (low, period, components) = (-1.6, 3.47, 5)
    let arena = Arena()
    var generator = RandomGenerator(seed: 9, stream: .testing)
    let count = 201
    let parameters = arena.matrix(count, 3 * components)
    for i in 0..<parameters.count {
      let isLogSigma = i / components % 3 == 2
      parameters.base[i] = Float(
        isLogSigma ? 1.5 * generator.normal() - 1.5 : 2 * generator.normal())
    }
    let (z, x) = (arena.matrix(count, 1), arena.matrix(count, 1))
    for row in 0..<count { x[row][0] = Float(low + period * Double(row) / Double(count)) }
    var logDeterminant = [Double](repeating: 0, count: count)
    logDeterminant.withUnsafeMutableBufferPointer {
      guard let logDeterminant = $0.baseAddress else { return }
      mixtureForward(
        x, parameters: parameters, components: components, tokens: 1, periods: [Float(period)],
        into: z, logDeterminant: logDeterminant, solved: arena.memory(of: UInt8.self, count))
    }
    var exact = Mixture(components: components)
    for row in 0..<count {
      exact.load(parameters[row], period: Float(period))
      let value = Double(x[row][0])
      let latent = exact.forward(value)
      expectClose([Double(z[row][0])], [latent], absolute: 6e-8 * abs(latent), "z, row \(row)")
      let expected = exact.logWrappedDensity(value) - logNormalDensity(latent)
      expectClose([logDeterminant[row]], [expected], absolute: 1e-9, "density, row \(row)")
    }
  }
}
