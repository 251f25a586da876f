import Flow
import Kernels

/// A flow with random weights, none of which is where a training begins: those give every sample
/// the same transform.
struct CheckedFlow {
  let flow: TarFlow
  let weights: [Float]

  /// - Throws: `FlowError.configuration`.
  init(_ configuration: FlowConfiguration) throws {
    let flow = try TarFlow(configuration)
    var generator = RandomGenerator(seed: 4, stream: .testing)
    (self.flow, weights) = (
      flow, flow.layout.initialValues(seed: 3).map { $0 + 0.02 * Float(generator.normal()) }
    )
  }

  /// Standard normal numbers, [count, tokens, features].
  func samples(_ count: Int) -> [Float] {
    var generator = RandomGenerator(seed: 5, stream: .testing)
    return (0..<count * flow.dimensions).map { _ in Float(generator.normal()) }
  }
}

/// How far `decode(encode(x))` is from x, and one log-determinant from minus the other.
///
/// - Parameter decodingWeights: The weights of the way back; those of the flow but in tests.
func inverseDeviation(
  _ checked: CheckedFlow, decodingWeights: [Float]? = nil, samples: Int, workers: Int
) -> (x: Double, logDeterminant: Double) {
  let (flow, x) = (checked.flow, checked.samples(samples))
  let execution = Execution(workers: workers)
  let encoded = flow.encode(x, weights: checked.weights, execution: execution)
  let decoded = flow.decode(
    encoded.z, weights: decodingWeights ?? checked.weights, execution: execution)
  return (
    largestDifference(x.map(Double.init), decoded.x.map(Double.init)),
    largestDifference(encoded.logDeterminant, decoded.logDeterminant.map { -$0 })
  )
}

/// The losses and weights of some steps of training, [steps + parameters].
/// - Throws: `FlowError`.
func trainedNumbers(_ checked: CheckedFlow, workers: Int) throws -> [Double] {
  var settings = TrainingConfiguration()
  (settings.steps, settings.warmUp, settings.batch) = (3, 1, 48)
  var trainer = try Trainer(checked.flow, settings, samples: checked.samples(64), seed: 6)
  var state = TrainingState(checked.flow, seed: 6, weights: checked.weights)
  let losses = try (0..<settings.steps).map { _ in try trainer.step(&state, workers: workers) }
  return losses + state.weights.map(Double.init)
}

/// Samples and their densities, [samples · tokens · features + samples].
func sampledNumbers(_ checked: CheckedFlow, workers: Int) -> [Double] {
  let found = checked.flow.sample(
    40, seed: 7, weights: checked.weights, execution: Execution(workers: workers))
  return found.x.map(Double.init) + found.logDensity
}
