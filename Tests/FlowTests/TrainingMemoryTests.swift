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

  @Test func `a state and its checkpoint hold the arrays that were announced`() throws {
    let flow = try #require(FlowCase.all.first).flow
    var state = TrainingState(flow, seed: 1)
    state.keep(loss: 1)
    func arrays(_ value: Any) -> Int {
      if let array = value as? [Float] { return array.count == flow.layout.count ? 1 : 0 }
      return Mirror(reflecting: value).children.reduce(0) { $0 + arrays($1.value) }
    }
    #expect(arrays(state) == TrainingState.arrays)
    try withTemporaryFolder { folder in
      try Checkpoint(flow: flow.configuration, state: state, notes: [:]).write(path: folder + "/a")
      let stored = try Safetensors(path: folder + "/a").tensors
        .filter { !$0.key.hasSuffix("var") }
        .reduce(0) { $0 + $1.value.values.count }
      #expect(stored == TrainingState.arrays * flow.layout.count)
    }
  }

  @Test func `memory grows with workers, samples and parts`() throws {
    let flow = try TarFlow(FlowConfiguration(tokens: 31, features: 3))
    func bytes(batch: Int = 512, samples: Int = 10_000, workers: Int = 1) -> Double {
      flow.trainingMemory(batch: batch, samples: samples, workers: workers, precision: .fp32)
    }
    #expect(bytes(samples: 20_000) - bytes() == 10_000 * 93 * 4)
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
      batch: 1_000_000_000, parts: 65_536, samples: 1_000_000_000, workers: 4_096,
      precision: .fp32)
    #expect(bytes > 4 * 65_536 * Double(flow.layout.count))
  }
}
