import Kernels
import TensorFiles
import TestSupport
import Testing

@testable import Flow

/// What the types say that they take is what they take.
@Suite struct TrainingMemoryTests {
  init() throws { try loadBLAS() }

  private static let units: [MatrixUnit?] = [nil] + MatrixUnit.allCases.filter(\.isUsable)

  /// A flow without a start token whose sequences are long enough for rounded attention, and wide
  /// enough for more than one panel.
  private static let cases: [FlowCase] =
    FlowCase.all + FlowCase.periodic + FlowCase.wide
    + [
      try? FlowCase(
        "published, 70 tokens",
        .published(
          tokens: 70, features: 3, blocks: 2, layers: 2, width: 48, headWidth: 16,
          transform: .translation))
    ].compactMap { $0 }

  /// The bytes that `body` leaves in the arena of a chunk with all samples.
  private func bytes(
    _ flowCase: FlowCase, samples: Int, unit: MatrixUnit?, gradient: Bool,
    _ body: (TarFlow, Chunk) -> Void
  ) -> Int {
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    let workspace = Workspace(
      flow.layout, weights, Execution(workers: 1, unit: unit), gradient: gradient)
    var x = flowCase.samples(samples)
    return flow.mapChunks(
      of: &x, [0..<samples], labels: flowCase.labels(samples), weights: weights, in: workspace
    ) { chunk in
      body(flow, chunk)
      return chunk.arena.bytes
    }[0]
  }

  @Test(arguments: cases, units)
  func `a chunk takes the memory that was announced`(flowCase: FlowCase, unit: MatrixUnit?) {
    for samples in [1, 5] {
      let training = bytes(flowCase, samples: samples, unit: unit, gradient: true) { flow, chunk in
        let ignored = UnsafeMutablePointer<Float>.allocate(capacity: flow.layout.count)
        defer { ignored.deallocate() }
        ignored.update(repeating: 0, count: flow.layout.count)
        _ = flow.accumulate(chunk, gradient: ignored) { _, _ in -1 }
      }
      #expect(training == flowCase.flow.gradientBytes(chunk: samples, unit: unit))
      let density = bytes(flowCase, samples: samples, unit: unit, gradient: false) { flow, chunk in
        let scratch = LayerScratch(
          rows: chunk.x.rows, flow: flow.configuration, unit: unit, in: chunk.arena)
        _ = flow.forward(chunk, scratch: scratch)
      }
      #expect(density == flowCase.flow.densityBytes(chunk: samples, unit: unit))
    }
  }

  @Test(arguments: [false, true])
  func `a state and its checkpoint hold the arrays that were announced`(draws: Bool) throws {
    let flow = try #require(FlowCase.all.first).flow
    var state = TrainingState(flow, seed: 1)
    state.keep(loss: 1)
    if draws { state.drawing = Drawing(step: 0, weights: state.weights) }
    func arrays(_ value: Any) -> Int {
      if let array = value as? [Float] { return array.count == flow.layout.count ? 1 : 0 }
      return Mirror(reflecting: value).children.reduce(0) { $0 + arrays($1.value) }
    }
    #expect(arrays(state) == TrainingState.arrays(draws: draws))
    try withTemporaryFolder { folder in
      try Checkpoint(flow: flow.configuration, state: state, notes: [:]).write(path: folder + "/a")
      let stored = try Safetensors(path: folder + "/a").tensors
        .filter { !$0.key.hasSuffix("var") }
        .reduce(0) { $0 + $1.value.values.count }
      #expect(stored == TrainingState.arrays(draws: draws) * flow.layout.count)
    }
  }

  @Test(arguments: [1, 2, 3, 4], [4, 6, 7])
  func `the gradient of a batch holds the arrays that were announced`(
    count: Int, parts: Int
  ) throws {
    let flowCase = try #require(FlowCase.all.first)
    let (flow, weights) = (flowCase.flow, flowCase.weights)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.parts, configuration.precision) = (8, parts, .fp32)
    let (settings, samples, labels) = (configuration, flowCase.samples(8), flowCase.labels(8))
    @Sendable func numbers(_ value: Any) -> Int {
      if let numbers = value as? [Float] { return numbers.count }
      return Mirror(reflecting: value).children
        .filter { !["flow", "workspace", "squares"].contains($0.label) }
        .reduce(0) { $0 + numbers($1.value) }
    }
    let held = try onRanks(count) { ranks in
      var (gradient, batch) = (try BatchGradient(of: flow, settings, ranks: ranks), samples)
      _ = gradient.take(&batch, labels: labels, weights: weights, workers: 1) { _, _ in -1 }
      return numbers(gradient)
    }
    let announced = BatchGradient.arrays(parts: parts, ranks: count) * Double(flow.layout.count)
    // The slices of the ranks differ by one number for each term.
    #expect(abs(Double(try #require(held.max())) - announced) <= Double(2 * parts))
  }

  @Test func `memory grows with workers, samples and parts`() throws {
    let flow = try TarFlow(FlowConfiguration(tokens: 31, features: 3))
    func bytes(
      batch: Int = 512, samples: Int = 10_000, proposals: Int = 0, workers: Int = 1
    ) -> Double {
      flow.trainingMemory(
        batch: batch, samples: samples, proposals: proposals, workers: workers, precision: .fp32)
    }
    #expect(bytes(samples: 20_000) - bytes() == 10_000 * 93 * 4)
    #expect(
      bytes(proposals: 5_000) - bytes() == 4 * Double(2 * 5_000 * 93 + 2 * flow.layout.count))
    #expect(bytes(workers: 2) > bytes())
    #expect(flow.partCount(batch: 64) < flow.partCount(batch: 512))
    #expect(bytes(batch: 64) < bytes())
  }

  @Test func `the largest flow that settings allow has a memory`() throws {
    var shape = FlowConfiguration.published(
      tokens: 16, features: 4, blocks: 256, layers: 256, width: 16_384, headWidth: 16_384)
    shape.network.expansion = 64
    let flow = try TarFlow(shape)
    let bytes = flow.trainingMemory(
      batch: 1_000_000_000, parts: 4_096, samples: 1_000_000_000, workers: 4_096,
      precision: .fp32)
    #expect(bytes > 4 * 4_096 * Double(flow.layout.count))
  }
}
