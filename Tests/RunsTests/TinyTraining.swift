import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport

/// A flow of two tokens that learns 32 samples in ten steps.
struct TinyTraining {
  let flow: TarFlow
  var settings: TrainingConfiguration
  let samples: [Float]

  init() throws {
    try loadBLAS()
    var shape = FlowConfiguration(tokens: 2, features: 2)
    (shape.layers, shape.width, shape.headWidth) = (1, 8, 4)
    (shape.components, shape.headUnits) = (2, 4)
    flow = try TarFlow(shape)
    var settings = TrainingConfiguration()
    (settings.steps, settings.batch, settings.warmUp) = (10, 8, 2)
    (settings.validateEvery, settings.checkpointEvery) = (3, 2)
    settings.precision = .fp32
    self.settings = settings
    var generator = RandomGenerator(seed: 3, stream: .initialization)
    samples = (0..<32 * flow.dimensions).map { _ in Float(generator.normal()) }
  }

  /// Trains in a folder, from its newest checkpoint if there is one.
  func run(
    in folder: RunFolder, context: RunContext, validates: Bool = true,
    trained: RecordedSettings = .none
  ) throws -> TrainingState {
    var trainer = try Trainer(
      flow, settings, samples: samples, seed: 5, ranks: context.ranks)
    var state =
      try folder.resumedState(of: flow, trained: trained, context: context)
      ?? TrainingState(flow, seed: 5)
    let loop = TrainingLoop(
      folder, settings, notes: ["note": "tiny"], trained: trained,
      loss: ShownLoss(columns: "step,train,held_out", name: "loss", decimals: 1) { $0 / 4 },
      context: context)
    let samples = samples
    try loop.train(&trainer, &state, beginning: { TrainingState(flow, seed: 5) }) {
      trainer, state in
      guard validates else {
        state.keep(loss: nil)
        return nil
      }
      return trainer.validate(&state, on: samples, workers: 1)
    }
    return state
  }

  /// metrics.csv without its last columns, the speed and the time.
  func metrics(_ folder: RunFolder) throws -> [[String]] {
    try String(contentsOfFile: folder.metrics, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2).map(String.init)
    }
  }
}
