import Reporting
import Testing

@Suite struct TextTableTests {
  @Test func `columns are as wide as their longest text and aligned`() {
    var table = TextTable([.init(.left), .init(.right), .init(.left), .init(.right)])
    table.rows = [["", "n", "name", "x"], ["first", "10", "a", "-1.5"]]
    #expect(
      table.lines == [
        "         n   name      x",
        "first   10   a      -1.5",
      ])
  }

  @Test func `a column takes at least its least width`() {
    var table = TextTable([.init(.right, leastWidth: 5), .init(.left, leastWidth: 4), .init(.left)])
    table.rows = [["1", "ab", "c"], ["123456", "abcde", "d"]]
    #expect(table.lines == ["     1   ab      c", "123456   abcde   d"])
    table.rows.removeLast()
    #expect(table.lines == ["    1   ab     c"])
  }

  @Test func `no line ends in blanks`() {
    var empty = TextTable([.init(.left), .init(.right), .init(.right)], separator: " ")
    empty.rows = [["a", "1", "22"], ["b", "2", ""], ["c", "", ""]]
    #expect(empty.lines == ["a 1 22", "b 2", "c"])
    var open = TextTable([.init(.left), .init(.left, leastWidth: 9)], separator: " | ")
    open.rows = [["a", "b"], ["aa", "bb"]]
    #expect(open.lines == ["a  | b", "aa | bb"])
    var closed = TextTable([.init(.left), .init(.right)], separator: " ")
    closed.rows = [["a", "b"], ["a", "bbb"]]
    #expect(closed.lines == ["a   b", "a bbb"])
  }

  @Test func `a sign beyond ASCII is one character`() {
    var table = TextTable([.init(.left), .init(.right)], separator: " ")
    table.rows = [["φ–ψ", "1.0 ± 0.1"], ["Å", "–"], ["nm²", "12.25 ± 0.10"]]
    #expect(
      table.lines == [
        "φ–ψ    1.0 ± 0.1",
        "Å              –",
        "nm² 12.25 ± 0.10",
      ])
    #expect("e\u{301}".padded(to: 3) == "e\u{301}  ")
  }

  @Test func `a table without rows has no lines`() {
    #expect(TextTable([.init(.left, leastWidth: 3)]).lines.isEmpty)
  }

  @Test func `texts are padded, never cut`() {
    #expect("ab".padded(to: 4) == "ab  ")
    #expect("ab".padded(to: 4, .right) == "  ab")
    #expect("abcde".padded(to: 4) == "abcde")
    #expect("".padded(to: 0) == "")
  }
}
