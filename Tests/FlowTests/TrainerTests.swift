import Foundation
import Kernels
import TestSupport
import Testing

@testable import Flow

@Suite struct TrainerTests {
  init() throws { try loadBLAS() }

  private static func flow(_ transform: NetworkConfiguration.Transform, blocks: Int) throws
    -> TarFlow
  {
    var flow = FlowConfiguration(tokens: 2, features: 2)
    (flow.transform, flow.blocks, flow.layers, flow.width) = (transform, blocks, 1, 8)
    (flow.headWidth, flow.headUnits, flow.components) = (4, 6, 3)
    return try TarFlow(flow)
  }

  private static let configuration: TrainingConfiguration = {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (60, 32, 5)
    training.learningRate = 2e-2
    return training
  }()

  /// Two modes in the first feature; the second follows the first; the second token is the first,
  /// shrunk.
  private static func data(_ count: Int, seed: UInt64 = 1) -> [Float] {
    let noise = floats(3 * count, seed: seed)
    return (0..<count).flatMap { sample -> [Float] in
      let first = (noise[3 * sample] > 0 ? 1 : -1) + 0.2 * noise[3 * sample + 1]
      let second = first * first + 0.3 * noise[3 * sample + 2]
      return [first, second, 0.5 * first, 0.5 * second]
    }
  }

  private static func noise(
    _ sample: inout [Float], _ label: Int, _ generator: inout RandomGenerator
  ) {
    for index in sample.indices {
      sample[index] += 0.1 * Float(generator.normal())
    }
  }

  @Test func `the change of a sample knows its class`() throws {
    var shape = FlowConfiguration(tokens: 2, features: 2)
    (shape.layers, shape.width, shape.headWidth, shape.classes) = (1, 8, 4, 2)
    let (samples, size) = (Self.data(64), 4)
    let labels = (0..<64).map { samples[$0 * size] > 0 ? 1 : 0 }
    var settings = TrainingConfiguration()
    (settings.batch, settings.precision) = (16, .fp32)
    var trainer = try Trainer(
      try TarFlow(shape), settings, samples: samples, labels: TrainingLabels(labels, dropped: 0.5),
      seed: 1
    ) { sample, label, _ in
      if (sample[0] > 0) != (label == 1) { sample[0] = .nan }
    }
    var state = TrainingState(trainer.flow, seed: 1)
    for _ in 0..<4 { #expect(try trainer.step(&state, workers: 1).isFinite) }
  }

  @Test(arguments: NetworkConfiguration.Transform.allCases, [1, 2])
  func `the loss falls`(transform: NetworkConfiguration.Transform, blocks: Int) throws {
    let flow = try Self.flow(transform, blocks: blocks)
    var trainer = try Trainer(
      flow, Self.configuration, samples: Self.data(200), seed: 1, augment: Self.noise)
    var state = TrainingState(flow, seed: 1)
    let held = Self.data(100, seed: 2)
    let before = trainer.validate(&state, on: held, workers: 1)
    var losses: [Double] = []
    for _ in 0..<60 { losses.append(try trainer.step(&state, workers: 1)) }
    let after = trainer.validate(&state, on: held, workers: 1)
    #expect(losses.suffix(5).reduce(0, +) / 5 < losses[0] - 0.3)
    #expect(after < before - 0.3)
    #expect(
      state.best?.loss == after && state.best?.step == 60 && state.best?.weights == state.average)
    #expect(state.average != state.weights)
  }

  @Test func `the number of workers does not change a bit`() throws {
    let flow = try Self.flow(.mixture, blocks: 2)
    let states = try [1, 2, 7].map { workers in
      var trainer = try Trainer(
        flow, Self.configuration, samples: Self.data(150), seed: 2, augment: Self.noise)
      var state = TrainingState(flow, seed: 2)
      for _ in 0..<20 { _ = try trainer.step(&state, workers: workers) }
      _ = trainer.validate(&state, on: Self.data(50), workers: workers)
      return state
    }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
  }

  @Test(arguments: [(2, 1), (3, 2), (4, 1)])
  func `the number of ranks does not change a bit`(ranks: Int, workers: Int) throws {
    for transform in NetworkConfiguration.Transform.allCases {
      let flow = try Self.flow(transform, blocks: 2)
      var configuration = Self.configuration
      (configuration.parts, configuration.optimizer) = (5, .muon)
      let (settings, samples) = (configuration, Self.data(150))
      let states = try [1, ranks].map { count in
        try onRanks(count) { ranks in
          var trainer = try Trainer(
            flow, settings, samples: samples, seed: 2, augment: Self.noise, ranks: ranks)
          var state = TrainingState(flow, seed: 2)
          for _ in 0..<10 { _ = try trainer.step(&state, workers: workers) }
          _ = trainer.validate(&state, on: Self.data(50), workers: workers)
          return state
        }
      }
      #expect(states[1].count == ranks)
      #expect(states[1].allSatisfy { $0 == states[0][0] })
    }
  }

  @Test func `more ranks than parts are refused`() throws {
    let flow = try Self.flow(.affine, blocks: 1)
    var configuration = Self.configuration
    configuration.parts = 2
    #expect(
      throws: FlowError.configuration(
        "parts is 2 for a batch of 32, fewer than the 3 ranks; set training.parts to at least the "
          + "number of ranks times the threads of each")
    ) {
      _ = try Trainer(
        flow, configuration, samples: Self.data(50), seed: 2,
        ranks: Ranks(rank: 1, of: 3) { _, _ in })
    }
  }

  @Test func `a step sees the samples that seed and step name`() throws {
    let flow = try Self.flow(.affine, blocks: 1)
    var state = TrainingState(flow, seed: 3)
    func loss(seed: UInt64, step: Int) throws -> Double {
      var trainer = try Trainer(flow, Self.configuration, samples: Self.data(100), seed: seed)
      state.step = step
      var copy = state
      return try trainer.step(&copy, workers: 1)
    }
    #expect(try loss(seed: 1, step: 4) == loss(seed: 1, step: 4))
    #expect(try loss(seed: 1, step: 4) != loss(seed: 1, step: 5))
    #expect(try loss(seed: 1, step: 4) != loss(seed: 2, step: 4))
  }

  @Test func `an epoch shows every sample once`() throws {
    let flow = try Self.flow(.translation, blocks: 1)
    var configuration = Self.configuration
    configuration.batch = 10
    configuration.learningRate = 1e-30
    let samples = Self.data(40)
    var trainer = try Trainer(flow, configuration, samples: samples, seed: 4)
    var state = TrainingState(flow, seed: 4)
    var sum = 0.0
    for _ in 0..<4 { sum += try trainer.step(&state, workers: 1) }
    let all = trainer.validate(&state, on: samples, workers: 1)
    expectClose([sum / 4], [all], absolute: 1e-6, "mean loss")
  }

  @Test func `one step clips the gradient and forgets the start in the average`() throws {
    let flow = try Self.flow(.affine, blocks: 1)
    var configuration = Self.configuration
    (configuration.clip, configuration.batch, configuration.weightDecay) = (1e-3, 2, 0)
    var trainer = try Trainer(flow, configuration, samples: Self.data(2), seed: 5)
    var state = TrainingState(flow, seed: 5)
    let start = state.weights
    let loss = try trainer.step(&state, workers: 2)
    // The first moment is (1 − β₁) times the clipped gradient.
    expectClose([gradientNorm(state.moments.first)], [0.1 * 1e-3], relative: 1e-4, "clipped")
    #expect(state.step == 1 && state.recentSteps == 1 && state.recentLoss == loss)
    let average = zip(start, state.weights).map { 0.1 * Double($0) + 0.9 * Double($1) }
    expectClose(state.average.doubles, average, absolute: 1e-6, "average")
  }

  @Test(arguments: NetworkConfiguration.Transform.allCases, [1, 2])
  func `data that is not a number diverges by name and changes nothing`(
    transform: NetworkConfiguration.Transform, blocks: Int
  ) throws {
    let flow = try Self.flow(transform, blocks: blocks)
    for bad in [Float.nan, .infinity, -.infinity] {
      var samples = Self.data(32)
      samples[17] = bad
      var trainer = try Trainer(flow, Self.configuration, samples: samples, seed: 6)
      var state = TrainingState(flow, seed: 6)
      let before = state
      #expect(throws: FlowError.diverged(step: 0, seed: 6)) {
        _ = try trainer.step(&state, workers: 2)
      }
      #expect(state == before)
    }
  }

  @Test func `hidden matrices and all other weights cover the layout once`() throws {
    for flowCase in FlowCase.all {
      let layout = flowCase.flow.layout
      let hidden = layout.hiddenMatrices.flatMap(\.range)
      #expect(
        (hidden + layout.besideHiddenMatrices.flatMap { $0 }).sorted() == [Int](0..<layout.count))
      let names = layout.parameters.filter { $0.count > 0 && hidden.contains($0.offset) }.map(
        \.name)
      #expect(
        names.allSatisfy {
          $0.hasSuffix(".weight") && !$0.contains("norm") && !$0.contains("proj_")
        })
      let layers = flowCase.flow.configuration.blocks * flowCase.flow.configuration.layers
      let heads = names.filter { $0.hasSuffix("head.token.weight") }.count
      #expect(names.count == 4 * layers + heads)
    }
  }
}
