import Flow
import Kernels

/// A flow to be timed, with the name of its shape.
private struct Shape: Sendable {
  let name: String
  let flow: FlowConfiguration

  /// The configuration of `train AL3`.
  static let al3 = Shape(name: "AL3", flow: FlowConfiguration(tokens: 31, features: 3))
  /// The published size for AL3: one token an atom, 28.5 million parameters.
  static let al3Paper = Shape(
    name: "AL3-paper",
    flow: .published(tokens: 33, features: 3, blocks: 6, layers: 6, width: 256))
  /// Images of 28 × 28 in patches of 4.
  static let image28 = Shape(
    name: "image28", flow: .published(tokens: 49, features: 16, blocks: 4, layers: 4, width: 128))
  /// Images of 64 × 64 in patches of 2.
  static let image64 = Shape(
    name: "image64", flow: .published(tokens: 1_024, features: 12, blocks: 1, layers: 2, width: 768)
  )
}

extension Shape {
  /// A published flow of one block, of width 256, for the growth of cost with size.
  fileprivate static func growing(_ name: String, tokens: Int, layers: Int = 2) -> Shape {
    Shape(
      name: "scaling/\(name)",
      flow: .published(tokens: tokens, features: 3, blocks: 1, layers: layers, width: 256))
  }
}

/// Optimizer steps, gradient, clipping, AdamW and moving average included.
///
/// - Parameter divisor: What the batches are divided by.
func trainingBenchmarks(divisor: Int) -> [Benchmark] {
  precisions.flatMap { precision in
    [
      (Shape.al3, 512), (.al3Paper, 64), (.al3Paper, 512), (.image28, 256), (.image64, 2),
    ].map { training($0, batch: max(1, $1 / divisor), precision) }
  }
}

/// Decoding with the key–value cache, from normal numbers to data and densities.
func samplingBenchmarks(divisor: Int) -> [Benchmark] {
  precisions.flatMap { precision in
    [(Shape.al3, 1_000), (.al3Paper, 256), (.image28, 256)].map {
      sampling($0, batch: max(1, $1 / divisor), precision)
    }
  }
}

/// Training in single precision at growing sizes, about 8,000 tokens a step unless it is the batch
/// that grows.
func scalingBenchmarks(divisor: Int) -> [Benchmark] {
  let sizes =
    [33, 63, 138, 256, 1_024].map { (Shape.growing("tokens\($0)", tokens: $0), 8_448 / $0) }
    + [64, 256, 1_024].map { (Shape.growing("samples", tokens: 33), $0) }
    + [2, 4, 8].map { (Shape.growing("layers\($0)", tokens: 33, layers: $0), 256) }
  return sizes.map { training($0, batch: max(1, $1 / divisor)) }
}

/// What this machine can compute with.
private let precisions: [Precision] = MatrixUnit.best(for: .bf16) == nil ? [.fp32] : [.fp32, .bf16]

private func training(_ shape: Shape, batch: Int, _ precision: Precision = .fp32) -> Benchmark {
  Benchmark(
    name: "flow/train/\(shape.name)/batch\(batch)/\(precision)", samples: batch,
    tokens: shape.flow.tokens,
    operations: 6 * operations(shape.flow, batch: batch)
  ) { threads in
    let flow = try TarFlow(shape.flow)
    var configuration = TrainingConfiguration()
    configuration.batch = batch
    configuration.steps = 1_000
    configuration.precision = precision
    var trainer = try Trainer(
      flow, configuration, samples: normal(flow.dimensions * batch), seed: 1)
    var state = TrainingState(flow, seed: 1)
    return { _ = try trainer.step(&state, workers: threads) }
  }
}

private func sampling(_ shape: Shape, batch: Int, _ precision: Precision) -> Benchmark {
  Benchmark(
    name: "flow/sample/\(shape.name)/batch\(batch)/\(precision)", samples: batch,
    tokens: shape.flow.tokens,
    operations: 2 * operations(shape.flow, batch: batch)
  ) { threads in
    let flow = try TarFlow(shape.flow)
    let weights = flow.layout.initialValues(seed: 1)
    let z = normal(flow.dimensions * batch)
    let unit = MatrixUnit.best(for: precision)
    return {
      _ = flow.decode(
        z, weights: weights,
        execution: Execution(workers: threads, unit: unit))
    }
  }
}

/// Parameters times tokens.
private func operations(_ flow: FlowConfiguration, batch: Int) -> Double {
  let parameters = (try? TarFlow(flow).layout.count) ?? 0
  return Double(parameters) * Double(flow.tokens) * Double(batch)
}

/// Standard normal numbers.
func normal(_ count: Int) -> [Float] {
  var generator = RandomGenerator(seed: 1, stream: .testing)
  return (0..<count).map { _ in Float(generator.normal()) }
}
