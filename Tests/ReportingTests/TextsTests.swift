import Reporting
import Testing

@Suite struct TextsTests {
  @Test func `CSV has a line of names and a line a row`() {
    #expect(
      csvText(columns: ["frame", "log_q"], rows: [["0", "inf"], ["1", "-2.5"]])
        == "frame,log_q\n0,inf\n1,-2.5\n")
    #expect(csvText(columns: ["a"], rows: []) == "a\n")
  }

  private struct Figures: Encodable {
    let zeta, alpha: Double
    let mean: [Double]
    let missing: Double?
  }

  @Test func `JSON has sorted keys, and texts for what is no number`() throws {
    let figures = Figures(zeta: .nan, alpha: .infinity, mean: [-.infinity, 0.5, 2], missing: nil)
    #expect(
      try jsonText(figures) == """
        {
          "alpha" : "inf",
          "mean" : [
            "-inf",
            0.5,
            2
          ],
          "zeta" : "nan"
        }

        """)
  }

  private static let facts: [Fact] = [
    ("kind", .text("flow")), ("newest checkpoint", .count(6)), ("loss", .number(1.25)),
  ]

  @Test func `facts for people are two columns, numbers with four decimals`() {
    #expect(
      factsTable(Self.facts) == """
        kind               flow
        newest checkpoint  6
        loss               1.2500

        """)
    #expect(factsTable([]) == "")
  }

  @Test func `facts for programs are an object, its names without blanks, the first of each`()
    throws
  {
    #expect(
      try factsJSON(Self.facts + [("kind", .text("another")), ("free energy", .number(.nan))])
        == """
        {
          "free_energy" : "nan",
          "kind" : "flow",
          "loss" : 1.25,
          "newest_checkpoint" : 6
        }

        """)
  }

  @Test func `numbers have as many decimals as asked`() {
    #expect(1.005.fixed(0) == "1")
    #expect((-1.26).fixed(1) == "-1.3")
    #expect(1e6.fixed(2) == "1000000.00")
    #expect(Double.nan.fixed(3) == "nan" && (-Double.nan).fixed(3) == "nan")
    #expect((-Double.infinity).fixed(3) == "-inf")
  }

  @Test(arguments: [
    (0, "0.00 %"), (0.00001, "0.001 %"), (0.0009, "0.090 %"), (0.001, "0.10 %"), (0.0999, "9.99 %"),
    (0.1, "10.0 %"), (1, "100.0 %"),
  ])
  func `a smaller percentage has more decimals`(share: Double, text: String) {
    #expect(percentText(share) == text)
  }

  @Test func `a negative number has a true minus sign`() {
    #expect(signedText(-1.26, 1) == "−1.3" && signedText(1.26, 1) == "1.3")
  }

  @Test func `a noun has an s where there is not one`() {
    #expect([0, 1, 2].map { $0.counted("thread") } == ["0 threads", "1 thread", "2 threads"])
  }

  @Test(arguments: [
    (0, "0 s"), (0.49, "0 s"), (59.4, "59 s"), (59.5, "1 min 0 s"), (200, "3 min 20 s"),
    (3_599.4, "59 min 59 s"), (3_599.5, "1 h 0 min"), (3_959, "1 h 5 min"),
    (90_000, "25 h 0 min"), (1e300, "unknown"), (.infinity, "unknown"), (.nan, "unknown"),
  ])
  func `durations are in the two largest units`(seconds: Double, text: String) {
    #expect(durationText(seconds: seconds) == text)
  }
}
