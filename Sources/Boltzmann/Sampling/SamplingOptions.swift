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
  package static let priorScales = Setting.Limits.between(0.5, 2)
  /// The numbers of conformations that can be counted; the memory has limits of its own.
  package static let counts = 1...1_000_000_000_000

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case count, precision
    case priorScale = "prior_scale"
  }

  /// Checks the limits.
  /// - Throws: `RunError.configuration` naming the first number outside of them by its key.
  package func validate(source: String) throws(RunError) {
    guard Self.counts.contains(count) else {
      throw .configuration(
        source: source,
        problem: "sampling.count is \(count), expected \(Self.counts.lowerBound) to "
          + "\(Self.counts.upperBound)")
    }
    guard Self.priorScales.contains(priorScale) else {
      throw .configuration(
        source: source,
        problem: "sampling.prior_scale is \(priorScale), expected \(Self.priorScales)")
    }
  }
}
