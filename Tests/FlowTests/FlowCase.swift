import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

/// A small flow whose parameters are all away from their initial zeros.
struct FlowCase: CustomStringConvertible, Sendable {
  let description: String
  let flow: TarFlow
  let weights: [Float]

  init(
    _ description: String, _ configuration: FlowConfiguration, context: (any TokenContext)? = nil
  ) throws {
    self.description = description
    flow = try TarFlow(configuration, context: context)
    var generator = RandomGenerator(seed: 11, stream: .testing)
    weights = flow.layout.initialValues(seed: 5).map { $0 + 0.1 * Float(generator.normal()) }
  }

  /// Samples of about the size of standardised data, [count, tokens, features].
  func samples(_ count: Int, seed: UInt64 = 1) -> [Float] {
    floats(count * flow.dimensions, seed: seed)
  }

  /// A class for each sample, with one that has none; nil for a flow without classes.
  func labels(_ count: Int) -> [Int]? {
    let classes = flow.configuration.classes
    return classes == 0 ? nil : (0..<count).map { $0 % (classes + 1) - 1 }
  }

  /// The mean of −log p(x)/(T · D), as `lossAndGradient` defines it.
  func loss(_ x: [Float], weights: [Float]) -> Double {
    let count = x.count / flow.dimensions
    let logDensity = flow.logDensity(x, labels: labels(count), weights: weights, execution: .serial)
    return -logDensity.reduce(0, +) / Double(x.count)
  }

  /// One block alone: z [tokens · features] and the transform's parameters, in the block's own
  /// order.
  func block(_ index: Int, _ x: [Float]) -> (z: [Float], parameters: [Float]) {
    var x = x
    let batch = x.count / flow.dimensions
    let workspace = Workspace(flow.layout, weights, .serial, gradient: false)
    let results = flow.mapChunks(
      of: &x, [0..<batch], labels: labels(batch), weights: weights, in: workspace
    ) { chunk in
      let scratch = LayerScratch(
        rows: chunk.x.rows, flow: flow.configuration, unit: workspace.panels?.unit,
        in: chunk.arena)
      var result: (z: [Float], parameters: [Float]) = ([], [])
      _ = chunk.sums { logDeterminant in
        let cache = flow.blocks[index].forward(
          chunk.x, labels: chunk.labels, weights: chunk.weights, densityOnly: false,
          logDeterminant: logDeterminant, scratch: scratch, arena: chunk.arena)
        result = (cache.z.elements, cache.transformParameters.elements)
      }
      return result
    }
    return results[0]
  }

  static let all: [FlowCase] = {
    func configuration(
      _ tokens: Int, _ features: Int, _ transform: NetworkConfiguration.Transform, blocks: Int,
      head: Bool, change: (inout FlowConfiguration) -> Void = { _ in }
    ) -> FlowConfiguration {
      var flow = FlowConfiguration(tokens: tokens, features: features)
      (flow.transform, flow.blocks, flow.withinToken) = (transform, blocks, head)
      (flow.width, flow.headWidth, flow.expansion, flow.layers) = (8, 4, 2, 1)
      (flow.headUnits, flow.components) = (5, 3)
      change(&flow)
      return flow
    }
    func published(_ transform: NetworkConfiguration.Transform, classes: Int) -> FlowConfiguration {
      .published(
        tokens: 4, features: 2, blocks: 2, layers: 2, width: 8, headWidth: 4, classes: classes,
        transform: transform)
    }
    let flows = [
      ("published affine", published(.affine, classes: 0)),
      ("published translation with classes", published(.translation, classes: 3)),
      ("affine, start token", configuration(3, 2, .affine, blocks: 3, head: false)),
      (
        "affine, head, orders",
        configuration(4, 3, .affine, blocks: 2, head: true) {
          $0.orders = [[2, 0, 3, 1], [1, 3, 2, 0]]
        }
      ),
      ("translation, head", configuration(3, 2, .translation, blocks: 2, head: true)),
      ("mixture, head, one block", configuration(4, 3, .mixture, blocks: 1, head: true)),
      (
        "mixture, two blocks, no final norm",
        configuration(4, 2, .mixture, blocks: 2, head: false) { $0.finalNorm = false }
      ),
      (
        "mixture, head, three blocks, classes, orders",
        configuration(3, 3, .mixture, blocks: 3, head: true) {
          $0.classes = 2
          $0.components = 4
          $0.orders = [[1, 2, 0], [0, 2, 1], [2, 1, 0]]
        }
      ),
      (
        "mixture, one feature",
        configuration(5, 1, .mixture, blocks: 2, head: true) {
          $0.components = 2
        }
      ),
    ]
    var seeing = configuration(5, 3, .mixture, blocks: 1, head: true) { $0.layers = 2 }
    // One more than a vector has.
    seeing.contextUnits = 17
    let context = try? FlowCase("mixture, context", seeing, context: RunningSums(tokens: 5))
    return [context].compactMap { $0 } + flows.compactMap { try? FlowCase($0.0, $0.1) }
  }()
}

extension FlowCase {
  /// Flows whose tokens have more features, and more inputs of the network, than the network is
  /// wide.
  static let wide: [FlowCase] = [false, true].compactMap { isPeriodic in
    var flow = FlowConfiguration(tokens: 4, features: 30)
    (flow.width, flow.headWidth, flow.expansion, flow.layers) = (8, 4, 2, 1)
    (flow.headUnits, flow.components, flow.withinToken) = (1, 2, !isPeriodic)
    if isPeriodic {
      flow.periodic = true
      flow.windows = PeriodicWindows(
        lows: [Float](repeating: -2, count: 120), periods: [Float](repeating: 4.5, count: 120))
    }
    return try? FlowCase(isPeriodic ? "wide, periodic" : "wide, head of one unit", flow)
  }
}

/// A context of places on a line: place 0, and after token t place t + 1, further by the sum of
/// the token's features; row t > 0 sees the places 0 … t from the last of them.
struct RunningSums: TokenContext {
  let tokens: Int
  var shape: ContextShape {
    ContextShape(entries: (0..<tokens).map { $0 == 0 ? 0 : $0 + 1 }, features: 2)
  }
  var stateSize: Int { tokens + 1 }

  func take(
    _ token: UnsafePointer<Float>, at index: Int, state: UnsafeMutablePointer<Double>
  ) {
    if index == 0 { state[0] = 0 }
    state[index + 1] = state[index] + Double(token[0] + token[1] + token[2])
  }

  func write(
    row: Int, state: UnsafePointer<Double>, into features: UnsafeMutablePointer<Float>
  ) {
    guard row > 0 else { return }
    for entry in 0...row {
      features[2 * entry] = Float(sin(0.5 * (state[row] - state[entry])))
      features[2 * entry + 1] = Float(cos(0.3 * (state[row] - state[entry])))
    }
  }

  func addGradient(
    _ dFeatures: UnsafePointer<Float>, features: UnsafePointer<Float>,
    tokens sample: UnsafePointer<Float>, to dTokens: UnsafeMutablePointer<Float>
  ) {
    var places = [0.0]
    for token in 0..<tokens {
      places.append(places[token] + Double((0..<3).reduce(0) { $0 + sample[3 * token + $1] }))
    }
    var d = [Double](repeating: 0, count: tokens + 1)
    var first = 0
    for (row, entries) in shape.entries.enumerated() {
      for entry in 0..<entries {
        let offset = places[row] - places[entry]
        let (a, b) = (dFeatures[2 * (first + entry)], dFeatures[2 * (first + entry) + 1])
        let slope =
          0.5 * Double(a) * cos(0.5 * offset) - 0.3 * Double(b) * sin(0.3 * offset)
        d[row] += slope
        d[entry] -= slope
      }
      first += entries
    }
    var later = 0.0
    for token in (0..<tokens).reversed() {
      later += d[token + 1]
      for feature in 0..<3 { dTokens[3 * token + feature] += Float(later) }
    }
  }
}

extension FlowCase {
  /// Trains on samples for thirty steps: the losses, and the state after them.
  func trained(
    on samples: [Float], workers: Int
  ) throws -> (losses: [Double], state: TrainingState) {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (30, 64, 2)
    var trainer = try Trainer(flow, training, samples: samples, seed: 7)
    var state = TrainingState(flow, seed: 7)
    let losses = try (0..<30).map { _ in try trainer.step(&state, workers: workers) }
    return (losses, state)
  }

  /// Expects that a checkpoint of the state can be read, and holds all of it.
  func expectCheckpoint(of state: TrainingState) throws {
    try withTemporaryFolder { folder in
      let checkpoint = Checkpoint(flow: flow.configuration, state: state, notes: [:])
      try checkpoint.write(path: folder + "/checkpoint")
      let read = try Checkpoint(path: folder + "/checkpoint")
      #expect(read.flow == flow.configuration && read.state == state)
    }
  }
}

/// Standard normal numbers in single precision.
func floats(_ count: Int, seed: UInt64) -> [Float] {
  var generator = RandomGenerator(seed: seed, stream: .testing)
  return (0..<count).map { _ in Float(generator.normal()) }
}

extension Matrix {
  /// The elements row by row.
  var elements: [Float] { (0..<rows).flatMap { row in (0..<columns).map { self[row][$0] } } }
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}
