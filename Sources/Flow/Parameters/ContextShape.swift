/// The shape of a flow's context: what the network may read besides the tokens themselves.
///
/// Row t of the network, which predicts token t, sees entries that follow from the tokens before t.
/// The entries have an order of their own, and a row sees the first of them.
package struct ContextShape: Codable, Equatable, Sendable {
  /// How many entries each row sees, [tokens].
  package let entries: [Int]
  /// Features of an entry, F.
  package let features: Int

  package init(entries: [Int], features: Int) {
    (self.entries, self.features) = (entries, features)
  }

  /// The entries that there are.
  var count: Int { entries.max() ?? 0 }

  /// The entries that all rows of a sample see together.
  var pairs: Int { entries.reduce(0, +) }

  /// Checks the limits.
  /// - Throws: `FlowError.configuration`.
  func validate(tokens: Int) throws(FlowError) {
    try require(
      entries.count == tokens, "context has entries for \(entries.count) of \(tokens) tokens")
    // The pairs of all rows stay far below what an integer counts.
    try require(
      count > 0 && entries.allSatisfy { (0...32_768).contains($0) },
      "context has rows with \(entries.min() ?? 0) to \(count) entries, expected 0 to 32768")
    try require(
      (1...4_096).contains(features), "context has \(features) features, expected 1 to 4096")
  }
}
