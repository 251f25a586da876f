import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

extension FlowCase {
  /// Flows whose tokens do not all have all features.
  static let missing: [FlowCase] = [
    try? several("circles, missing features", [6, 3, 6, 4], order: []),
    try? several("circles, missing features, orders", [2, 6, 5], order: [2, 0, 1]),
    try? blocks("affine, head, three blocks, missing features", .affine, head: true),
    try? blocks("mixture, three blocks, missing features", .mixture, head: false),
  ].compactMap { $0 }

  /// Tokens of two threes, the last of each on a circle, but for the first.
  private static func several(
    _ name: String, _ present: [Int], order: [Int]
  ) throws -> FlowCase {
    var flow = FlowConfiguration(tokens: present.count, features: 6)
    (flow.periodic, flow.orders, flow.present) = (true, order.isEmpty ? [] : [order], present)
    (flow.width, flow.headWidth, flow.expansion, flow.layers) = (8, 4, 2, 1)
    (flow.headUnits, flow.components) = (5, 3)
    var windows = windows(present.count, 6)
    for token in 0..<present.count {
      windows.lows[6 * token + 2] = -1.2 + 0.1 * Float(token)
      windows.periods[6 * token + 2] = token == 1 ? 0 : 2.9 + 0.4 * Float(token)
    }
    flow.windows = windows
    return try FlowCase(name, flow)
  }

  private static func blocks(
    _ name: String, _ transform: NetworkConfiguration.Transform, head: Bool
  ) throws -> FlowCase {
    var flow = FlowConfiguration(tokens: 3, features: 4)
    (flow.transform, flow.blocks, flow.withinToken) = (transform, 3, head)
    (flow.width, flow.headWidth, flow.expansion, flow.layers) = (8, 4, 2, 1)
    (flow.headUnits, flow.components, flow.present) = (5, 3, [4, 1, 3])
    return try FlowCase(name, flow)
  }

  /// Samples with zeros where features are missing.
  func completeSamples(_ count: Int, seed: UInt64 = 1) -> [Float] {
    windowedSamples(count, seed: seed).enumerated().map { index, x in
      flow.configuration.isMissing(index % flow.dimensions) ? 0 : x
    }
  }
}

@Suite struct MissingFeatureTests {
  init() throws { try loadBLAS() }

  @Test func `every case is a valid flow`() { #expect(FlowCase.missing.count == 4) }

  @Test(arguments: FlowCase.missing)
  func `decoding undoes encoding`(flowCase: FlowCase) {
    let x = flowCase.completeSamples(50)
    let (z, encoded) = flowCase.flow.encode(x, weights: flowCase.weights)
    let back = flowCase.flow.decode(z, weights: flowCase.weights)
    expectClose(back.x.doubles, x.doubles, absolute: 3e-5, "x")
    expectClose(back.logDeterminant, encoded.map { -$0 }, absolute: 5e-5, "log-determinant")
    for index in z.indices {
      let isMissing = flowCase.flow.configuration.isMissing(index % flowCase.flow.dimensions)
      #expect((z[index] == 0) == isMissing)
    }
  }

  @Test(arguments: FlowCase.missing)
  func `samples have zeros there and come with their density`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    for scale in [1, 1.2] {
      let (x, logDensity) = flow.sample(300, seed: 9, priorScale: scale, weights: weights)
      for index in x.indices {
        #expect((x[index] == 0) == flow.configuration.isMissing(index % flow.dimensions))
      }
      let found = flow.logDensity(x, priorScale: scale, weights: weights)
      expectClose(found, logDensity, absolute: 1e-4, "log p")
    }
  }

  @Test(arguments: FlowCase.missing)
  func `nothing depends on what stands there`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let x = flowCase.completeSamples(20)
    let other = x.enumerated().map { index, x in
      flow.configuration.isMissing(index % flow.dimensions) ? 0.3 * Float(index % 7) + 1 : x
    }
    #expect(other != x)
    #expect(flow.logDensity(other, weights: weights) == flow.logDensity(x, weights: weights))
    #expect(flow.encode(other, weights: weights) == flow.encode(x, weights: weights))
    let latents = flow.encode(x, weights: weights).z
    let otherLatents = latents.enumerated().map { index, z in
      flow.configuration.isMissing(index % flow.dimensions) ? z - 2 : z
    }
    let (found, expected) = (
      flow.decode(otherLatents, weights: weights), flow.decode(latents, weights: weights)
    )
    #expect(found.x == expected.x && found.logDeterminant == expected.logDeterminant)
    let gradient = flow.logDensityAndGradient(x, weights: weights).gradient
    for index in x.indices {
      let isMissing = flow.configuration.isMissing(index % flow.dimensions)
      #expect((gradient[index] == 0) == isMissing, "feature \(index)")
    }
  }

  @Test(arguments: FlowCase.missing)
  func `the density is that of the latents that there are`(flowCase: FlowCase) {
    let flow = flowCase.flow
    let x = flowCase.completeSamples(7)
    let (z, logDeterminant) = flow.encode(x, weights: flowCase.weights)
    let expected = logDeterminant.enumerated().map { sample, logDeterminant in
      (0..<flow.dimensions).filter { !flow.configuration.isMissing($0) }
        .reduce(logDeterminant) {
          $0 + logNormalDensity(Double(z[sample * flow.dimensions + $1]))
        }
    }
    let found = flow.logDensity(x, weights: flowCase.weights)
    expectClose(found, expected, absolute: 2e-5, "log p")
  }

  /// Over a line and a circle; two more features are missing.
  @Test func `the density integrates to one over the features that there are`() throws {
    var shape = FlowConfiguration(tokens: 1, features: 4)
    (shape.periodic, shape.width, shape.headWidth, shape.layers) = (true, 8, 4, 1)
    (shape.headUnits, shape.components, shape.present) = (5, 3, [2])
    let (low, period, steps) = (Float(-0.7), Float(2.5), 40)
    shape.windows = PeriodicWindows(lows: [low, 0, 0, 0], periods: [period, 0, 0, 0])
    let flowCase = try FlowCase("circle and line", shape)
    var grid: [Float] = []
    for step in 0..<steps {
      let angle = low + period * Float(step) / Float(steps)
      for place in 0..<161 { grid += [angle, -10 + 0.125 * Float(place), 0, 0] }
    }
    let sum = flowCase.flow.logDensity(grid, weights: flowCase.weights).reduce(0) { $0 + exp($1) }
    expectClose([sum * 0.125 * Double(period) / Double(steps)], [1], absolute: 1e-4, "integral")
  }

  @Test func `training goes on from its checkpoint and does not depend on workers`() throws {
    let flowCase = FlowCase.missing[0]
    let (one, two) = try (
      flowCase.trained(on: flowCase.completeSamples(200), workers: 1),
      flowCase.trained(on: flowCase.completeSamples(200), workers: 2)
    )
    #expect(one.state == two.state)
    #expect(one.losses[29] < one.losses[0] - 0.3)
    try flowCase.expectCheckpoint(of: one.state)
  }

  @Test(arguments: [[6, 3, 6], [6, 3, 6, 7], [6, 0, 6, 4]])
  func `a shape that does not fit is refused`(present: [Int]) {
    var flow = FlowCase.missing[0].flow.configuration
    flow.present = present
    #expect(throws: FlowError.self) { _ = try TarFlow(flow) }
  }
}
