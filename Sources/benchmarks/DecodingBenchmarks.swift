import ArgumentParser
import Flow
import Kernels

/// Fixed-point decoding beside decoding token by token, of weights that are trained: those of a
/// start converge at once.
struct DecodingBenchmarks {
  private let name: String
  private let trained: TrainedFlow

  private static let batches = [1, 8, 64]
  private static let choices = [8, 16, 48].flatMap { segment in
    [1e-2, 1e-3].map { FixedPoint(tolerance: $0, segment: segment) }
  }

  /// - Parameter path: A model as a training writes it, of the published form.
  /// - Throws: What reading it throws, and `ValidationError` if it is not of that form.
  init(path: String) throws {
    name = path.split(separator: "/").last.map(String.init) ?? path
    trained = try TrainedFlow(path: path)
    guard trained.flow.hasPublishedForm else {
      throw ValidationError(
        "--weights \(path) is not of the published form, which fixed-point iteration decodes: no "
          + "mixture, within-token head, start token, final norm or placed atoms")
    }
  }

  var benchmarks: [Benchmark] {
    Self.batches.flatMap { batch in
      let work = { (label: String, fixedPoint: FixedPoint?) in
        benchmark(label, batch: batch, fixedPoint)
      }
      return [work("sequential", nil)]
        + Self.choices.map { work("segment\($0.segment)-tolerance\($0.tolerance)", $0) }
    }
  }

  private func benchmark(_ label: String, batch: Int, _ fixedPoint: FixedPoint?) -> Benchmark {
    let (flow, weights) = (trained.flow, trained.weights)
    let shape = flow.configuration
    return Benchmark(
      name: "flow/decode/\(name)/batch\(batch)/\(label)", samples: batch,
      operations: 2 * Double(flow.layout.count) * Double(shape.tokens * batch)
    ) { threads in
      let z = normal(flow.dimensions * batch)
      let labels = labels(batch)
      return {
        _ = flow.decode(
          z, labels: labels, by: fixedPoint.map { .fixedPoint($0) } ?? .sequential,
          weights: weights, execution: Execution(workers: threads))
      }
    }
  }

  /// How far fixed-point decoding of 64 samples is from decoding token by token, and how often it
  /// runs a token.
  func accuracies(threads: Int) -> [String] {
    let z = normal(trained.flow.dimensions * 64)
    let exact = trained.flow.decode(
      z, labels: labels(64), weights: trained.weights, execution: Execution(workers: threads)
    ).x
    return ([FixedPoint(tolerance: 0, segment: 48)] + Self.choices).map { choice in
      let found = trained.flow.decode(
        z, labels: labels(64), by: .fixedPoint(choice), weights: trained.weights,
        execution: Execution(workers: threads))
      let deviations = zip(found.x, exact).map { abs($0 - $1) }
      let mean = deviations.reduce(0, +) / Float(deviations.count)
      return "segment \(choice.segment), tolerance \(choice.tolerance): "
        + "\(rounded(found.passes)) passes a token, deviation \(mean) on average, "
        + "\(deviations.max() ?? 0) at most"
    }
  }

  private func labels(_ batch: Int) -> [Int]? {
    let classes = trained.flow.configuration.classes
    return classes == 0 ? nil : (0..<batch).map { $0 % classes }
  }
}
