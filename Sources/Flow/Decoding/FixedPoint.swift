/// How a block is inverted by iteration: Jacobi's within a segment of tokens, Gauss and Seidel's
/// from one to the next.
///
/// Token t of `x = z · exp(a(x)) + b(x)` depends on the tokens before it alone, so that iterating a
/// segment of n tokens from any start ends after n steps at the latest, and much earlier where the
/// dependence is weak.
/// - SeeAlso: Liu & Qin 2025, *Accelerate TarFlow sampling with GS-Jacobi iteration*
///   (arXiv 2505.12849).
package struct FixedPoint: Equatable, Sendable {
  /// A segment is done when no number of any of its samples has moved by more; 0 goes on to the
  /// exact solution.
  package var tolerance: Double
  /// Tokens of a segment.
  package var segment: Int

  /// - Precondition: The tolerance is 0 or more, the segment at least 1.
  package init(tolerance: Double, segment: Int) {
    precondition(tolerance >= 0 && segment >= 1, "tolerance \(tolerance), segment \(segment)")
    self.tolerance = tolerance
    self.segment = segment
  }
}
