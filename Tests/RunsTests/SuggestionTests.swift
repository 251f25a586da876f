import Runs
import Testing

@Suite struct SuggestionTests {
  private static let keys = ["width", "layers", "learning_rate"]

  @Test(arguments: [
    ("with", "width"), ("widdth", "width"), ("wadth", "width"),
    // A swap of neighbours is one mistake; two would be too many for five letters.
    ("widht", "width"), ("WIDTH", "width"), ("lerning_rat", "learning_rate"),
    ("laersy", "layers"),
  ])
  func `the nearest name is suggested`(typed: String, meant: String) {
    #expect(suggestion(for: typed, among: Self.keys) == "; did you mean '\(meant)'?")
  }

  @Test(arguments: ["wdht", "qqqqq", "batch", ""])
  func `nothing is suggested when no name is near, but the names can be listed`(typed: String) {
    #expect(suggestion(for: typed, among: Self.keys) == "")
    #expect(
      suggestion(for: typed, among: Self.keys, listing: true)
        == "; known: width, layers, learning_rate")
  }

  @Test func `a third of the letters may be wrong, and one always`() {
    #expect(suggestion(for: "abcdxy", among: ["abcdef"]) == "; did you mean 'abcdef'?")
    #expect(suggestion(for: "abcxyz", among: ["abcdef"]) == "")
    #expect(suggestion(for: "ax", among: ["ab"]) == "; did you mean 'ab'?")
    #expect(suggestion(for: "yx", among: ["ab"]) == "")
    #expect(suggestion(for: "ab", among: []) == "")
  }
}
