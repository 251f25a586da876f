import Kernels
import TensorFiles
import TestSupport
import Testing

@testable import Flow

/// What image training adds to a training: classes, and the variance of a volume-preserving flow's
/// prior.
@Suite struct LabelAndPriorTests {
  init() throws { try loadBLAS() }

  private static let configuration: TrainingConfiguration = {
    var training = TrainingConfiguration()
    (training.steps, training.batch, training.warmUp) = (10, 16, 0)
    training.precision = .fp32
    return training
  }()

  private static func flow(_ transform: NetworkConfiguration.Transform, classes: Int) throws
    -> TarFlow
  {
    try TarFlow(
      .published(
        tokens: 3, features: 2, blocks: 2, layers: 1, width: 8, headWidth: 4, classes: classes,
        transform: transform))
  }

  @Test func `a step's labels are those of its samples`() throws {
    let flow = try Self.flow(.affine, classes: 3)
    let samples = floats(48 * 6, seed: 3)
    let labels = (0..<48).map { $0 % 3 }
    var state = TrainingState(flow, seed: 1)
    // Class embeddings far from each other, and an output that is not zero.
    state.weights = state.weights.enumerated().map { $1 + 0.3 * Float(($0 * 7919) % 13 - 6) / 6 }
    var configuration = Self.configuration
    (configuration.batch, configuration.learningRate) = (48, 1e-30)
    func loss(_ labels: TrainingLabels?) throws -> Double {
      var trainer = try Trainer(flow, configuration, samples: samples, labels: labels, seed: 4)
      var copy = state
      return try trainer.step(&copy, workers: 2)
    }
    func mean(_ labels: [Int]) -> Double {
      -flow.logDensity(samples, labels: labels, weights: state.weights).reduce(0, +) / 48
    }
    expectClose([try loss(TrainingLabels(labels))], [mean(labels)], relative: 1e-6, "labels")
    let none = [Int](repeating: -1, count: 48)
    let all = try loss(TrainingLabels(labels, dropped: 1))
    expectClose([all], [mean(none)], relative: 1e-6, "dropped")
    #expect(all != mean(labels))
    #expect(try loss(nil) == all)
  }

  @Test func `labels are dropped at their rate, the same in every run`() {
    let labels = TrainingLabels([Int](repeating: 2, count: 20_000), dropped: 0.1)
    let once = labels.batch(Array(0..<20_000)[...], seed: 5, step: 7)
    #expect(once == labels.batch(Array(0..<20_000)[...], seed: 5, step: 7))
    #expect(once != labels.batch(Array(0..<20_000)[...], seed: 5, step: 8))
    let dropped = once.count { $0 == -1 }
    // Five standard deviations of the binomial.
    #expect(abs(dropped - 2_000) < 212)
    #expect(once.allSatisfy { $0 == 2 || $0 == -1 })
  }

  @Test func `the prior's variance follows the mean square of z, and is saved as var`() throws {
    let flow = try Self.flow(.translation, classes: 0)
    let samples = floats(16 * 6, seed: 8).map { 3 * $0 }
    var trainer = try Trainer(flow, Self.configuration, samples: samples, seed: 2)
    var state = TrainingState(flow, seed: 2)
    var expected = [Double](repeating: 1, count: 6)
    for _ in 0..<4 {
      let (z, _) = flow.encode(samples, weights: state.weights)
      for index in 0..<6 {
        let square = (0..<16).reduce(0) {
          $0 + Double(z[$1 * 6 + index]) * Double(z[$1 * 6 + index])
        }
        expected[index] = 0.9 * expected[index] + 0.1 * square / 16
      }
      _ = try trainer.step(&state, workers: 3)
      expectClose(state.priorVariance.doubles, expected, relative: 1e-5, "var")
    }
    _ = trainer.validate(&state, on: samples, workers: 1)
    #expect(state.best?.priorVariance == state.priorVariance)
    try withTemporaryFolder { folder in
      let checkpoint = Checkpoint(flow: flow.configuration, state: state, notes: [:])
      try checkpoint.write(path: folder + "/a")
      #expect(try Checkpoint(path: folder + "/a").state == state)
      try checkpoint.writeModel(path: folder + "/model")
      #expect(try TrainedFlow(path: folder + "/model").priorVariance == state.priorVariance)
      let stored = try Safetensors(path: folder + "/model").tensors["var"]
      #expect(stored == StoredTensor(shape: [3, 2], values: state.priorVariance))
    }
  }

  @Test func `an affine flow keeps the variance at 1`() throws {
    let flow = try Self.flow(.affine, classes: 0)
    var trainer = try Trainer(
      flow, Self.configuration, samples: floats(16 * 6, seed: 8), seed: 2)
    var state = TrainingState(flow, seed: 2)
    _ = try trainer.step(&state, workers: 1)
    #expect(state.priorVariance == [Float](repeating: 1, count: 6))
  }

  @Test func `a variance of another shape or sign is refused, the published masks are passed over`()
    throws
  {
    let flow = try Self.flow(.affine, classes: 0)
    let weights = flow.layout.initialValues(seed: 1)
    var file = Safetensors()
    file.tensors = flow.tensors(weights)
    file.tensors["blocks.0.attn_mask"] = StoredTensor(shape: [1], values: [1])
    #expect(try flow.weights(from: file, path: "w") == weights)
    #expect(try flow.priorVariance(from: file, path: "w") == [Float](repeating: 1, count: 6))
    file.tensors["var"] = StoredTensor(shape: [2, 3], values: [Float](repeating: 1, count: 6))
    #expect(
      throws: FlowError.tensor(
        path: "w", name: "var", problem: "has shape [2, 3], expected [3, 2]")
    ) { _ = try flow.priorVariance(from: file, path: "w") }
    file.tensors["var"] = StoredTensor(shape: [3, 2], values: [1, 1, -1, 1, 1, 1])
    #expect(
      throws: FlowError.tensor(
        path: "w", name: "var", problem: "holds values that are no variances")
    ) { _ = try flow.priorVariance(from: file, path: "w") }
  }
}
