import Kernels
import Runs

/// How conformations are drawn from a flow.
package struct SamplingOptions: Codable, Equatable, Sendable {
  /// Conformations to draw.
  package var count = 10_000
  /// The standard deviation of the prior that they are drawn from.
  package var priorScale = 1.01
  /// The arithmetic of the flow's large products; the densities are always those of what was drawn.
  package var precision = Precision.fp32

  /// The prior scales that are of use.
  package static let priorScales = 0.5...2.0

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case count, precision
    case priorScale = "prior_scale"
  }

  /// Checks the limits.
  /// - Throws: `RunError.configuration` naming the first number outside of them by its key.
  package func validate(source: String) throws(RunError) {
    guard count >= 1 else {
      throw .configuration(
        source: source, problem: "sampling.count is \(count), expected at least 1")
    }
    guard Self.priorScales.contains(priorScale) else {
      throw .configuration(
        source: source, problem: "sampling.prior_scale is \(priorScale), expected 0.5 to 2")
    }
  }
}
