import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

extension FlowCase {
  /// Flows of one block whose last feature lies on a circle, in all tokens but the first.
  static let periodic: [FlowCase] = [
    ("periodic, head", 4, 3, true, []), ("periodic, one feature, orders", 3, 1, false, [1, 2, 0]),
    ("periodic, two features, orders", 3, 2, true, [2, 0, 1]),
  ].compactMap { try? periodic($0.0, $0.1, $0.2, head: $0.3, order: $0.4) }

  private static func periodic(
    _ name: String, _ tokens: Int, _ features: Int, head: Bool, order: [Int]
  ) throws -> FlowCase {
    var flow = FlowConfiguration(tokens: tokens, features: features)
    (flow.periodic, flow.withinToken, flow.orders) = (true, head, order.isEmpty ? [] : [order])
    (flow.width, flow.headWidth, flow.expansion, flow.layers) = (8, 4, 2, 1)
    (flow.headUnits, flow.components) = (5, 3)
    flow.windows = windows(tokens, features)
    return try FlowCase(name, flow)
  }

  static func windows(_ tokens: Int, _ features: Int) -> PeriodicWindows {
    var windows = PeriodicWindows(
      lows: [Float](repeating: 0, count: tokens * features),
      periods: [Float](repeating: 0, count: tokens * features))
    for token in 1..<tokens {
      windows.lows[(token + 1) * features - 1] = -1.6 - 0.1 * Float(token)
      windows.periods[(token + 1) * features - 1] = 3.4 + 0.7 * Float(token)
    }
    return windows
  }

  /// Samples that lie in the windows.
  func windowedSamples(_ count: Int, seed: UInt64 = 1) -> [Float] {
    guard let windows = flow.configuration.windows else { return samples(count, seed: seed) }
    return samples(count, seed: seed).enumerated().map { index, x in
      let d = index % flow.dimensions
      return windows.periods[d] > 0
        ? wrapped(Double(x), low: windows.lows[d], period: windows.periods[d]) : x
    }
  }

  /// The features of a sample that lie on a circle.
  var circles: [Int] {
    (flow.configuration.windows?.periods ?? []).indices.filter {
      flow.configuration.windows?.periods[$0] != 0
    }
  }
}

@Suite struct PeriodicFlowTests {
  init() throws { try loadBLAS() }

  @Test func `every case is a valid flow`() { #expect(FlowCase.periodic.count == 3) }

  @Test(arguments: FlowCase.periodic)
  func `decoding undoes encoding within the windows`(flowCase: FlowCase) {
    let x = flowCase.windowedSamples(50)
    let (z, encoded) = flowCase.flow.encode(x, weights: flowCase.weights)
    let back = flowCase.flow.decode(z, weights: flowCase.weights)
    expectClose(back.x.doubles, x.doubles, absolute: 3e-5, "x")
    expectClose(back.logDeterminant, encoded.map { -$0 }, absolute: 5e-5, "log-determinant")
  }

  @Test(arguments: FlowCase.periodic)
  func `samples lie in the windows and come with their density`(flowCase: FlowCase) throws {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let windows = try #require(flow.configuration.windows)
    let (x, logDensity) = flow.sample(2000, seed: 9, weights: weights)
    let shared = flow.sample(2000, seed: 9, weights: weights, execution: Execution(workers: 1))
    #expect(x == shared.x && logDensity == shared.logDensity)
    for (index, value) in x.enumerated() {
      let d = index % flow.dimensions
      guard windows.periods[d] > 0 else { continue }
      let low = Double(windows.lows[d])
      #expect(Double(value) >= low && Double(value) < low + Double(windows.periods[d]))
    }
    let found = flow.logDensity(x, weights: weights)
    expectClose(found, logDensity, absolute: 1e-4, "log p")
  }

  @Test(arguments: FlowCase.periodic)
  func `the density is the same a period further`(flowCase: FlowCase) throws {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let windows = try #require(flow.configuration.windows)
    let x = flowCase.samples(30)
    let expected = flow.logDensity(x, weights: weights)
    for d in flowCase.circles {
      var shifted = x
      for sample in 0..<30 { shifted[sample * flow.dimensions + d] += windows.periods[d] }
      expectClose(
        flow.logDensity(shifted, weights: weights), expected, absolute: 2e-5, "feature \(d)")
    }
    var otherwise = x
    for sample in 0..<30 { otherwise[sample * flow.dimensions + flowCase.circles[0]] += 1 }
    #expect(zip(flow.logDensity(otherwise, weights: weights), expected).allSatisfy { $0 != $1 })
  }

  /// The density by Gauss's rule for a period, the equidistant one, beside an axis on the line.
  @Test func `the density integrates to one over the windows`() throws {
    let flowCase = FlowCase.periodic[1]
    let windows = try #require(flowCase.flow.configuration.windows)
    let steps = 24
    let line = (0..<81).map { -10 + 0.25 * Float($0) }
    let circles = (1..<3).map { d in
      (0..<steps).map { windows.lows[d] + windows.periods[d] * Float($0) / Float(steps) }
    }
    let grid = line.flatMap { a in circles[0].flatMap { b in circles[1].flatMap { [a, b, $0] } } }
    let sum = flowCase.flow.logDensity(grid, weights: flowCase.weights).reduce(0) { $0 + exp($1) }
    let cell = 0.25 * Double(windows.periods[1] * windows.periods[2]) / Double(steps * steps)
    expectClose([sum * cell], [1], absolute: 1e-4, "integral")
  }

  /// Kolmogorov and Smirnov's distance; beyond 1.95/√n it would be a case in a thousand.
  @Test func `samples have the density`() throws {
    var shape = FlowConfiguration(tokens: 1, features: 1)
    (shape.periodic, shape.width, shape.headWidth, shape.layers) = (true, 8, 4, 1)
    (shape.headUnits, shape.components) = (5, 3)
    let (low, period) = (Float(-0.7), Float(2.5))
    shape.windows = PeriodicWindows(lows: [low], periods: [period])
    let flowCase = try FlowCase("one circle", shape)
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let count = 20_000
    let (z, x) = (
      flow.sample(count, seed: 4, weights: weights).logDensity,
      flow.sample(count, seed: 4, weights: weights).x.sorted()
    )
    #expect(z.allSatisfy { $0.isFinite })
    let steps = 4000
    let middles = (0..<steps).map { low + period * (Float($0) + 0.5) / Float(steps) }
    let density = flow.logDensity(middles, weights: weights).map { exp($0) }
    // Far from uniform, so that it takes part in the test.
    #expect((density.max() ?? 0) > 1.5 * (density.min() ?? 0))
    var (cumulative, distance, step) = (0.0, 0.0, 0)
    for (rank, value) in x.enumerated() {
      while step < steps, middles[step] < value {
        cumulative += density[step] * Double(period) / Double(steps)
        step += 1
      }
      distance = max(distance, abs(cumulative - Double(rank) / Double(count)))
    }
    #expect(distance < 1.95 / Double(count).squareRoot())
  }

  @Test(arguments: FlowCase.periodic)
  func `a wider prior widens the features on the line alone`(flowCase: FlowCase) {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let scale = 1.2
    let (x, logDensity) = flow.sample(40, seed: 9, priorScale: scale, weights: weights)
    let z = flow.encode(x, weights: weights).z
    let found = flow.logDensity(x, weights: weights)
    for sample in 0..<40 {
      let expected = (0..<flow.dimensions).reduce(found[sample]) { sum, d in
        guard !flowCase.circles.contains(d) else { return sum }
        let value = Double(z[sample * flow.dimensions + d])
        return sum + logNormalDensity(value / scale) - log(scale) - logNormalDensity(value)
      }
      expectClose([logDensity[sample]], [expected], absolute: 1e-4, "log q of \(sample)")
    }
    expectClose(
      flow.logDensity(x, priorScale: scale, weights: weights), logDensity, absolute: 1e-4, "log q")
  }

  @Test func `training lowers the loss and does not depend on workers`() throws {
    let flowCase = FlowCase.periodic[0]
    let (one, two) = try (
      flowCase.trained(on: flowCase.windowedSamples(200), workers: 1),
      flowCase.trained(on: flowCase.windowedSamples(200), workers: 2)
    )
    #expect(one.state == two.state)
    #expect(one.losses[29] < one.losses[0] - 0.5)
    try flowCase.expectCheckpoint(of: one.state)
  }

  @Test func `a model keeps its windows`() throws {
    let flowCase = FlowCase.periodic[0]
    let state = TrainingState(flowCase.flow, seed: 7)
    let checkpoint = Checkpoint(flow: flowCase.flow.configuration, state: state, notes: [:])
    try withTemporaryFolder { folder in
      try checkpoint.writeModel(path: folder + "/model")
      let model = try TrainedFlow(path: folder + "/model")
      #expect(model.flow.configuration.windows == flowCase.flow.configuration.windows)
      let drawn = model.flow.sample(5, seed: 1, weights: model.weights)
      #expect(drawn.x == flowCase.flow.sample(5, seed: 1, weights: model.weights).x)
    }
  }

  @Test func `a configuration from before there were circles has none`() throws {
    let flow = FlowConfiguration(tokens: 3, features: 2)
    let text = try metadataText(flow)
    #expect(!text.contains("periodic") && !text.contains("windows"))
    #expect(try flowConfiguration(metadata: text) == flow)
  }

  private static let refused: [(String, @Sendable (inout FlowConfiguration) -> Void)] = [
    (
      "periodic is true, which needs one block with the mixture; this flow has 2 with the "
        + "transform mixture", { $0.blocks = 2 }
    ),
    (
      "periodic is true, which needs one block with the mixture; this flow has 1 with the "
        + "transform affine", { $0.transform = .affine }
    ),
    ("periodic is true, but no feature of these tokens lies on a circle", { $0.windows = nil }),
    ("periodic is false, but there are windows of features on a circle", { $0.periodic = false }),
    ("windows has 5 lows, expected 6 finite ones", { $0.windows?.lows.removeLast() }),
    ("windows has 6 periods, expected 6 finite ones", { $0.windows?.periods[3] = .infinity }),
    ("windows has a period of -1.0, expected 0 or more", { $0.windows?.periods[3] = -1 }),
  ]

  @Test(arguments: refused.indices)
  func `a periodic flow that cannot be is refused`(index: Int) throws {
    let (message, change) = Self.refused[index]
    var flow = FlowConfiguration(tokens: 3, features: 2)
    (flow.periodic, flow.windows) = (true, FlowCase.windows(3, 2))
    try flow.validate()
    change(&flow)
    #expect(throws: FlowError.configuration(message)) { try flow.validate() }
  }
}
