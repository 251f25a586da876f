/// Which features lie on a circle: `low ≤ x < low + period`, in the units of the tokens.
package struct PeriodicWindows: Codable, Equatable, Sendable {
  /// Where the window of each feature begins, [tokens, features]; of no meaning on the real line.
  package var lows: [Float]
  /// The length of each window, [tokens, features]; 0 for a feature on the real line.
  package var periods: [Float]

  package init(lows: [Float], periods: [Float]) {
    self.lows = lows
    self.periods = periods
  }

  /// The windows in the order of a block.
  func ordered(by order: [Int], features: Int) -> PeriodicWindows {
    func ordered(_ values: [Float]) -> [Float] {
      order.flatMap { values[$0 * features..<($0 + 1) * features] }
    }
    return PeriodicWindows(lows: ordered(lows), periods: ordered(periods))
  }

  /// Checks that the windows fit tokens.
  /// - Throws: `FlowError.configuration`.
  func validate(tokens: Int, features: Int) throws(FlowError) {
    for (name, values) in [("lows", lows), ("periods", periods)] {
      try require(
        values.count == tokens * features && values.allSatisfy(\.isFinite),
        "windows has \(values.count) \(name), expected \(tokens * features) finite ones")
    }
    for period in periods {
      try require(period >= 0, "windows has a period of \(period), expected 0 or more")
    }
  }
}
