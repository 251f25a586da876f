import Runs
import Testing

@Suite struct ControlCharacterTests {
  @Test func `what acts on a terminal is replaced, all else stays`() {
    let plain = "AL3 ± 0.5 kJ/mol — 10⁻³ ångström 日本 🧬"
    #expect(shownText(plain) == plain)
    #expect(shownText("a\u{1b}[31mb\u{7}c\u{9b}1md\u{202e}e\u{7f}\r") == "a�[31mb�c�1md�e��")
    #expect(shownText("a\tb\nc") == "a�b�c")
    #expect(shownText("a\tb\nc", keeping: ["\n", "\t"]) == "a\tb\nc")
  }
}
