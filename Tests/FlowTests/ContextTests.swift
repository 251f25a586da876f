import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

/// The features that another context has for one sample, whatever the tokens are.
private struct ConstantContext: TokenContext {
  let shape: ContextShape
  /// [rows][entries · F].
  private let features: [[Float]]

  init(_ context: some TokenContext, at sample: [Float]) {
    shape = context.shape
    var state = [Double](repeating: .nan, count: context.stateSize)
    let size = sample.count / shape.entries.count
    features = shape.entries.enumerated().map { row, entries in
      var features = [Float](repeating: .nan, count: entries * context.shape.features)
      context.write(row: row, state: state, into: &features)
      context.take(Array(sample[row * size..<(row + 1) * size]), at: row, state: &state)
      return features
    }
  }

  var stateSize: Int { 1 }

  func take(
    _ token: UnsafePointer<Float>, at index: Int, state: UnsafeMutablePointer<Double>
  ) {}

  func write(
    row: Int, state: UnsafePointer<Double>, into features: UnsafeMutablePointer<Float>
  ) {
    for (place, value) in self.features[row].enumerated() { features[place] = value }
  }

  func addGradient(
    _ dFeatures: UnsafePointer<Float>, features: UnsafePointer<Float>,
    tokens: UnsafePointer<Float>, to dTokens: UnsafeMutablePointer<Float>
  ) {}
}

@Suite struct ContextTests {
  private let flowCase: FlowCase
  private let configuration: FlowConfiguration

  init() throws {
    try loadBLAS()
    flowCase = try #require(FlowCase.all.first { $0.flow.configuration.context != nil })
    configuration = flowCase.flow.configuration
  }

  private func flow(_ context: (any TokenContext)?) throws -> TarFlow {
    try TarFlow(configuration, context: context)
  }

  @Test func `the sums that a row gets are those of the equation`() throws {
    var x = flowCase.samples(1)
    let (layout, weights) = (flowCase.flow.layout, flowCase.weights)
    func values(_ name: String) throws -> [Double] {
      let parameter = try #require(
        layout.parameters.first { $0.name == "blocks.0.context.\(name)" })
      return weights[parameter.offset..<parameter.offset + parameter.count].map(Double.init)
    }
    let (a, e, f) = (try values("features"), try values("entries"), try values("rows"))
    let units = configuration.contextUnits
    var places = [0.0]
    for token in 0..<5 { places.append(places[token] + Double(x[3 * token..<3 * token + 3].sum)) }
    var expected: [Double] = []
    for row in 0..<5 {
      for h in 0..<units {
        expected.append(
          (0..<(row == 0 ? 0 : row + 1)).reduce(0.0) { sum, entry in
            let offset = places[row] - places[entry]
            let pre =
              a[h] * sin(0.5 * offset) + a[units + h] * cos(0.3 * offset) + e[entry * units + h]
              + f[row * units + h]
            return sum + pre * 0.5 * erfc(-pre / 2.0.squareRoot())
          })
      }
    }
    let workspace = Workspace(layout, weights, .serial, gradient: false)
    let found = flowCase.flow.mapChunks(
      of: &x, [0..<1], labels: nil, weights: weights, in: workspace
    ) { chunk in
      let scratch = LayerScratch(
        rows: 5, flow: configuration, unit: workspace.panels?.unit, in: chunk.arena)
      return flowCase.flow.forward(chunk, scratch: scratch).caches[0].context?.sums.elements ?? []
    }
    expectClose(found[0].doubles, expected, absolute: 1e-5)
  }

  @Test func `the input's gradient takes the context for constant`() throws {
    let x = flowCase.samples(1, seed: 9)
    let constant = try flow(ConstantContext(RunningSums(tokens: 5), at: x))
    var ignored = [Float](repeating: 0, count: flowCase.weights.count)
    var parameters = ignored
    let live = flowCase.flow.lossAndGradient(x, weights: flowCase.weights, gradient: &parameters)
    let fixed = constant.lossAndGradient(x, weights: flowCase.weights, gradient: &ignored)
    #expect(live == fixed && parameters == ignored)
    func loss(_ flow: TarFlow, _ x: [Float]) -> Double {
      -flow.logDensity(x, weights: flowCase.weights, execution: .serial)[0] / Double(x.count)
    }
    var differs = false
    for index in x.indices {
      func slope(_ flow: TarFlow) -> Double {
        func at(_ steps: Float) -> Double {
          var moved = x
          moved[index] += steps * 0x1p-7
          return loss(flow, moved)
        }
        return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / 12 * 0x1p7
      }
      expectClose(
        [Double(live.inputGradient[index])], [slope(constant)], absolute: 2e-5, relative: 1e-3,
        "x[\(index)]")
      differs = differs || abs(slope(flowCase.flow) - slope(constant)) > 1e-3
    }
    // Or else the context would have had no part in this.
    #expect(differs)
  }

  @Test func `the gradient of the density goes through the context`() throws {
    let flow = flowCase.flow
    let x = flowCase.samples(3, seed: 9)
    let found = flow.logDensityAndGradient(
      x, weights: flowCase.weights, execution: Execution(workers: 2))
    #expect(found.logDensities == flow.logDensity(x, weights: flowCase.weights))
    for index in x.indices {
      func at(_ steps: Float) -> Double {
        var moved = x
        moved[index] += steps * 0x1p-7
        return flow.logDensity(moved, weights: flowCase.weights)[index / 15]
      }
      let slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / 12 * 0x1p7
      expectClose(
        [Double(found.gradient[index])], [slope], absolute: 3e-4, relative: 1e-3, "x[\(index)]")
    }
  }

  @Test func `a training begins with the flow without a context`() throws {
    var without = configuration
    (without.contextUnits, without.context) = (0, nil)
    let plain = try TarFlow(without, context: RunningSums(tokens: 5))
    #expect(plain.configuration == without)
    let weights = flowCase.flow.layout.initialValues(seed: 4)
    let plainWeights = plain.layout.initialValues(seed: 4)
    #expect(Array(weights.prefix(plainWeights.count)) == plainWeights)
    let x = flowCase.samples(6)
    #expect(
      flowCase.flow.logDensity(x, weights: weights) == plain.logDensity(x, weights: plainWeights))
    #expect(
      flowCase.flow.decode(x, weights: weights).x == plain.decode(x, weights: plainWeights).x)
  }

  @Test func `a training has the same bits for any number of workers`() throws {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (4, 1_000, 1)
    func trained(workers: Int) throws -> [Float] {
      var trainer = try Trainer(
        flowCase.flow, training, samples: flowCase.samples(1_100), seed: 3)
      var state = TrainingState(flowCase.flow, seed: 3)
      for _ in 0..<4 { _ = try trainer.step(&state, workers: workers) }
      return state.weights
    }
    let one = try trained(workers: 1)
    let two = try trained(workers: 2)
    #expect(one == two)
    // The part of the network that began with zeros has learned.
    #expect(one.suffix(configuration.width * configuration.contextUnits).allSatisfy { $0 != 0 })
  }

  @Test func `the shape is in the metadata, and nothing is where there is no context`() throws {
    let text = try metadataText(configuration)
    #expect(text.contains("\"context\":{\"entries\":[0,2,3,4,5],\"features\":2}"))
    #expect(try flowConfiguration(metadata: text) == configuration)
    let plain = FlowConfiguration(tokens: 3, features: 2)
    #expect(
      try metadataText(plain)
        == "{\"blocks\":1,\"classes\":0,\"components\":8,\"expansion\":4,\"features\":2,"
        + "\"finalNorm\":true,\"headUnits\":64,\"headWidth\":32,\"layers\":2,\"orders\":[],"
        + "\"startToken\":true,\"tokens\":3,\"transform\":\"mixture\",\"width\":96,"
        + "\"withinToken\":true}")
    #expect(try flowConfiguration(metadata: try metadataText(plain)) == plain)
  }

  @Test func `a checkpoint is read without the context, which a pass then needs`() async throws {
    let state = TrainingState(flowCase.flow, seed: 2)
    try withTemporaryFolder { folder in
      try Checkpoint(flow: configuration, state: state, notes: [:]).write(path: folder + "/a")
      let read = try Checkpoint(path: folder + "/a")
      #expect(read.flow == configuration && read.state == state)
    }
    await #expect(processExitsWith: .success) { try density(RunningSums(tokens: 5)) }
    await #expect(processExitsWith: .failure) { try density(nil) }
  }

  @Test func `another context than that of the weights is refused`() throws {
    struct Other: TokenContext {
      let shape: ContextShape
      var stateSize: Int { 1 }
      func take(
        _ token: UnsafePointer<Float>, at index: Int, state: UnsafeMutablePointer<Double>
      ) {}
      func write(
        row: Int, state: UnsafePointer<Double>, into features: UnsafeMutablePointer<Float>
      ) {}
      func addGradient(
        _ dFeatures: UnsafePointer<Float>, features: UnsafePointer<Float>,
        tokens: UnsafePointer<Float>, to dTokens: UnsafeMutablePointer<Float>
      ) {}
    }
    #expect(
      throws: FlowError.configuration("the context is not the one that the weights were made for")
    ) { _ = try flow(Other(shape: ContextShape(entries: [0, 2, 3, 4, 5], features: 3))) }
  }
}

extension ArraySlice<Float> {
  fileprivate var sum: Float { reduce(0, +) }
}

private func density(_ context: (any TokenContext)?) throws {
  try loadBLAS()
  guard let flowCase = FlowCase.all.first(where: { $0.flow.configuration.context != nil }) else {
    return
  }
  let flow = try TarFlow(flowCase.flow.configuration, context: context)
  _ = flow.logDensity(flowCase.samples(1), weights: flowCase.weights)
}
