import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

@Suite struct DensityTests {
  init() throws { try loadBLAS() }

  private func oneToken(
    _ features: Int, _ transform: NetworkConfiguration.Transform, blocks: Int, head: Bool
  ) throws -> FlowCase {
    var flow = FlowConfiguration(tokens: 1, features: features)
    (flow.transform, flow.blocks, flow.withinToken) = (transform, blocks, head)
    (flow.width, flow.headWidth, flow.layers, flow.headUnits, flow.components) = (8, 4, 1, 5, 3)
    return try FlowCase("one token", flow)
  }

  /// The trapezoidal rule on a grid that a smooth density does not see: the error falls faster than
  /// any power.
  @Test(
    arguments: [NetworkConfiguration.Transform.affine, .translation, .mixture], [1, 2])
  func `the density of one feature integrates to one`(
    transform: NetworkConfiguration.Transform, blocks: Int
  ) throws {
    let flowCase = try oneToken(1, transform, blocks: blocks, head: transform == .mixture)
    let step = 0x1p-4
    let x = (-320...320).map { Float(Double($0) * step) }
    let logDensity = flowCase.flow.logDensity(x, weights: flowCase.weights)
    let sum = logDensity.reduce(0) { $0 + exp($1) } * step
    expectClose([sum], [1], absolute: 1e-5, "integral")
  }

  @Test(arguments: [NetworkConfiguration.Transform.affine, .mixture], [true, false])
  func `the density of two features integrates to one`(
    transform: NetworkConfiguration.Transform, head: Bool
  ) throws {
    let flowCase = try oneToken(2, transform, blocks: 1, head: head)
    let step = 0x1p-3
    let grid = (-64...64).map { Float(Double($0) * step) }
    let x = grid.flatMap { first in grid.flatMap { [first, $0] } }
    let logDensity = flowCase.flow.logDensity(x, weights: flowCase.weights)
    let sum = logDensity.reduce(0) { $0 + exp($1) } * step * step
    expectClose([sum], [1], absolute: 1e-4, "integral")
  }

  @Test(arguments: FlowCase.all)
  func `samples come with their density`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let (x, logDensity) = flow.sample(40, from: 3, seed: 9, weights: weights)
    let size = flow.dimensions
    var ignored = [Float](repeating: 0, count: weights.count)
    let (_, slope) = flow.lossAndGradient(x, weights: weights, gradient: &ignored)
    let found = flow.logDensity(x, weights: weights)
    for sample in 0..<40 {
      // What the rounding of x does to log p where it is steep.
      let rounding = (sample * size..<(sample + 1) * size).reduce(0.0) {
        $0 + 0x1p-24 * Double(abs(x[$1] * slope[$1])) * Double(x.count)
      }
      expectClose(
        [found[sample]], [logDensity[sample]], absolute: 2e-5 + 4 * rounding, "log p of \(sample)")
    }
    let later = flow.sample(10, from: 13, seed: 9, weights: weights)
    expectClose(
      later.x.doubles, x[10 * size..<20 * size].map(Double.init), absolute: 3e-5, relative: 3e-6,
      "the same indices")
    #expect(flow.sample(40, from: 3, seed: 10, weights: weights).x != x)
  }

  @Test(arguments: FlowCase.all)
  func `a wider prior is part of the density`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let scale = 1.2
    let (x, logDensity) = flow.sample(20, seed: 9, priorScale: scale, weights: weights)
    let found = flow.logDensity(x, priorScale: scale, weights: weights)
    let (z, logDeterminant) = flow.encode(x, weights: weights)
    for sample in 0..<20 {
      let range = sample * flow.dimensions..<(sample + 1) * flow.dimensions
      let prior = z[range].reduce(0.0) {
        $0 + logNormalDensity(Double($1) / scale) - log(scale)
      }
      // Each block rounds every dimension some four times on the way out and four on the way back.
      // log N has slope z with respect to z, the log-determinant has slope 1 with respect to a.
      // (Found: 1.4e-6 at most.)
      let roundings = Double(8 * flow.configuration.blocks)
      let slopes = z[range].reduce(0.0) { $0 + 1 + Double($1 * $1) }
      expectClose(
        [logDensity[sample]], [prior + logDeterminant[sample]],
        absolute: roundings * 0x1p-24 * slopes, "log q of \(sample)")
      expectClose(
        [found[sample]], [logDensity[sample]], absolute: roundings * 0x1p-24 * slopes,
        "log q of \(sample), as logDensity has it")
    }
  }

  @Test(arguments: FlowCase.all)
  func `no samples are no trouble`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    #expect(flow.logDensity([], weights: weights) == [])
    #expect(flow.encode([], weights: weights).z == [])
    #expect(flow.decode([], weights: weights).x == [])
    #expect(flow.sample(0, seed: 1, weights: weights).logDensity == [])
  }

  @Test(arguments: FlowCase.all)
  func `an untrained flow is what its initial output says`(flowCase: FlowCase) {
    let configuration = flowCase.flow.configuration
    let weights = flowCase.flow.layout.initialValues(seed: 3)
    let x = flowCase.samples(5)
    let (z, logDeterminant) = flowCase.flow.encode(x, weights: weights)
    guard configuration.transform == .mixture else {
      #expect(z == x)
      #expect(logDeterminant == [0, 0, 0, 0, 0])
      return
    }
    // K equal components of width 1 with centres from −1.5 to 1.5, in every block.
    let components = configuration.components
    var mixture = Mixture(components: components)
    let centres = (0..<components).map { -1.5 + 3 * Float($0) / Float(components - 1) }
    let zeros = [Float](repeating: 0, count: components)
    (zeros + centres + zeros).withUnsafeBufferPointer {
      if let base = $0.baseAddress { mixture.load(base) }
    }
    let expected = x.map { value in
      (0..<configuration.blocks).reduce(Double(value)) { value, _ in mixture.forward(value) }
    }
    expectClose(z.doubles, expected, absolute: 2e-6, "z")
  }

  @Test func `initial values depend on the seed, and each parameter has its own`() throws {
    let layout = try #require(FlowCase.all.last).flow.layout
    #expect(layout.initialValues(seed: 1) == layout.initialValues(seed: 1))
    #expect(layout.initialValues(seed: 1) != layout.initialValues(seed: 2))
    #expect(Set(layout.parameters.map(\.name)).count == layout.parameters.count)
    #expect(layout.parameters.reduce(0) { $0 + $1.count } == layout.count)
  }
}
