import Evaluation
import Flow
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import Trajectories

/// Samples that the log-determinants are taken over.
private let mostSamples = 2_000

/// The log-determinant of every block of the flow: its mean over some samples, and its spread.
///
/// The blocks are computed once more with the run's model; a run without one, or whose samples
/// another drew, has no section.
/// - Throws: `TrajectoryError`.
func blockSection(of run: ReportedRun, execution: Execution) throws -> Page.Section? {
  guard let model = try? TrainedModel(path: run.folder.model), !model.isMixture else { return nil }
  guard run.drawn?.mayBe(of: model) ?? true else { return nil }
  let frames = 0..<min(mostSamples, run.samples.sample.rows)
  let drawn = try readTrajectory(
    path: run.folder.samples, frames: frames, keepingBroken: true
  ).trajectory
  let width = model.flow.dimensions
  let all = model.representation.tokens(from: drawn.coordinates, execution: execution)
  let tokens = frames.filter { run.isSupported[$0] && run.samples.energies[$0].isFinite }
    .flatMap { all[$0 * width..<($0 + 1) * width] }
  guard !tokens.isEmpty, tokens.allSatisfy(\.isFinite) else { return nil }
  let blocks = blockLogDeterminants(
    model.flow, tokens, weights: model.weights, execution: execution)
  let names = blocks.indices.map {
    blocks.count == 1
      ? "The only block"
      : $0 == 0
        ? "1, next to the data"
        : $0 == blocks.count - 1 ? "\($0 + 1), next to the prior" : "\($0 + 1)"
  }
  return Page.Section(
    "Flow",
    [
      .figures([
        Figure(
          "log-determinants", title: "Log-determinant of each block",
          caption: "log|∂z/∂x| of the flow's blocks over the first "
            + "\((tokens.count / width).grouped) samples with a weight: the mean, and one standard "
            + "deviation to both sides. "
            + blocks.enumerated().map {
              "\(names[$0.offset]): \(signedText($0.element.mean, 2)) ± "
                + "\($0.element.deviation.fixed(2))"
            }.joined(separator: "; ") + ".",
          .chart(
            Chart(
              x: Axis("block"), y: Axis("log-determinant", unit: "nats"), .categories(names),
              [
                .init(
                  "samples", .points, colour: Tint.proposal, blocks.map(\.mean),
                  low: blocks.map { $0.mean - $0.deviation },
                  high: blocks.map { $0.mean + $0.deviation })
              ])))
      ])
    ])
}

/// The mean and the standard deviation of `log|∂z/∂x|` of every block over some samples, from the
/// data to the prior, nats; the means add up to that of the whole flow (`BlockSectionTests`).
///
/// - Parameter tokens: [samples, tokens, features].
func blockLogDeterminants(
  _ flow: TarFlow, _ tokens: [Float], weights: [Float], execution: Execution
) -> [(mean: Double, deviation: Double)] {
  var x = tokens
  return (0..<flow.configuration.blocks).map { block in
    let (z, logDeterminant) = flow.encode(
      x, blocks: block..<block + 1, weights: weights, execution: execution)
    x = z
    let count = Double(logDeterminant.count)
    let mean = logDeterminant.reduce(0, +) / count
    let squares = logDeterminant.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / max(1, count - 1)).squareRoot())
  }
}
