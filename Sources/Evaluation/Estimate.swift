/// A number with its standard error.
package struct Estimate: Codable, Equatable, Sendable {
  package var value, error: Double

  package init(value: Double, error: Double) {
    (self.value, self.error) = (value, error)
  }

  /// The interval that covers the true number in 95 of 100 cases, `value ± 1.96 error`
  /// (`CoverageTests`).
  package var interval: ClosedRange<Double> {
    value - reach...value + reach
  }

  /// Half the width of ``interval``.
  package var reach: Double { 1.96 * max(0, error) }

  /// How many standard errors, of both together, this number lies above an independent one.
  ///
  /// - Parameter period: Of numbers on a circle, whose difference is the shorter way; nil on the line.
  /// - Returns: nil where one has no error, as where nothing was seen that could vary.
  package func deviation(from other: Estimate, period: Double? = nil) -> Double? {
    guard error > 0, other.error > 0 else { return nil }
    let difference = value - other.value
    return (period.map { difference.remainder(dividingBy: $0) } ?? difference)
      / (error * error + other.error * other.error).squareRoot()
  }
}
