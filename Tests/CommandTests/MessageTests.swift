import Foundation
import TestSupport
import Testing

/// Every bad input of `Golden/messages/bad-inputs.txt` gives its exit code and its whole line, in
/// words of this program, and docs/errors.md lists its kind.
@Suite struct MessageTests {
  /// `TARFLOW_TEST_WRITE=messages` writes the lines in place of comparing with them.
  private static let writes =
    ProcessInfo.processInfo.environment["TARFLOW_TEST_WRITE"] == "messages"

  private static let table = goldenFolder.appending(path: "messages/bad-inputs.txt")

  private static let cases = Result { try BadInput.read(table) }

  @Test(arguments: (try? cases.get()) ?? [])
  func `a bad input gives its exit code and its line`(input: BadInput) throws {
    if Self.writes { return }
    let found = try input.outcome()
    #expect(found == input.line, "\(input)")
  }

  @Test func `the table is written`() throws {
    guard Self.writes else { return }
    let text = try String(contentsOf: Self.table, encoding: .utf8)
    let comment = text.split(separator: "\n").prefix { $0.first == "#" }
    let blocks = try Self.cases.get().map { input in
      "\n" + input.script + "\n" + (try input.outcome()) + "\n"
    }
    try Data((comment.joined(separator: "\n") + "\n" + blocks.joined()).utf8).write(to: Self.table)
  }

  @Test func `there are at least 120 of them, each once`() throws {
    let cases = try Self.cases.get()
    #expect(cases.count >= 120)
    #expect(Set(cases.map(\.script)).count == cases.count)
    #expect(cases.allSatisfy { !$0.line.isEmpty })
  }

  @Test func `no line has a system's own words`() throws {
    let words = [
      "NSCocoaErrorDomain", "NSPOSIXErrorDomain", "Optional(", "errno", "Swift.", "DecodingError",
      "CodingKeys", "nil", "Fatal error", "Error Domain", "UserInfo",
    ]
    for input in try Self.cases.get() {
      let text = input.line.drop { $0.isNumber }
      #expect(text.hasPrefix(" Error: "), "\(input)")
      for word in words { #expect(!text.contains(word), "\(input)") }
      #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
  }

  @Test func `docs/errors.md lists every kind of line`() throws {
    let page = goldenFolder.appending(path: "../../docs/errors.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let (start, end) = ("<!-- messages -->\n\n```\n", "```\n\n<!-- /messages -->")
    let head = try #require(text.range(of: start))
    let tail = try #require(text.range(of: end))
    var kinds: Set<String> = []
    let lines = try Self.cases.get().map(\.line).filter { kinds.insert(kind(of: $0)).inserted }
    let codes = Set(lines.map { $0.prefix { $0.isNumber } }).sorted()
    let list = codes.flatMap { code in lines.filter { $0.hasPrefix(code) } }
      .map { $0.replacing(" Error: ", with: "  ", maxReplacements: 1) + "\n" }.joined()
    if Self.writes {
      let written = String(text[..<head.upperBound]) + list + String(text[tail.lowerBound...])
      try Data(written.utf8).write(to: page)
    } else {
      #expect(
        text[head.upperBound..<tail.lowerBound] == list, "write it: TARFLOW_TEST_WRITE=messages")
    }
  }
}

/// What is the same in all messages of one kind: no quoted words, numbers and names of files.
private func kind(of message: String) -> String {
  message.replacing(/'[^']*'/, with: "'").replacing(/[0-9][0-9.e+]*/, with: "0")
    .replacing(#/Error: [^ ]*: /#, with: "")
}

/// A case of the table.
struct BadInput: Sendable, CustomStringConvertible {
  /// Lines of shell.
  let script: String
  /// The exit code and the line.
  let line: String

  var description: String { script + "\n" + line }

  static func read(_ table: URL) throws -> [BadInput] {
    try String(contentsOf: table, encoding: .utf8).components(separatedBy: "\n\n").dropFirst()
      .map { block in
        let lines = block.split(separator: "\n")
        let hasLine = lines.last?.contains(#/^[0-9]+ Error: /#) == true
        return BadInput(
          script: lines.dropLast(hasLine ? 1 : 0).joined(separator: "\n"),
          line: hasLine ? String(lines[lines.count - 1]) : "")
      }
  }

  /// What the shell has besides the program.
  private static let functions = """
    run() { cp -r "$tiny" run; }
    system() {
      mkdir "$1"
      for file in system.yaml topology.prmtop; do cp "$systems/$1/$file" "$1"; done
    }
    frames() { cp "$training" "$1"; }
    sub() { sed -i "s|$2|$3|" "$1"; }
    bytes() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
    shorten() { head -c "$2" "$1" >short; mv short "$1"; }

    """

  /// The exit code and the line of the program, with names in place of folders.
  func outcome() throws -> String {
    let (folder, tiny) = (try temporaryFolder(), try TinyRun.shared())
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let outcome = try Child(
      ["-c", Self.functions + script], executable: URL(fileURLWithPath: "/bin/sh"), folder: folder,
      environment: [
        "PATH": program.deletingLastPathComponent().path + ":" + path, "LC_ALL": "C.UTF-8",
        "systems": systemsFolder.path, "tiny": tiny.complete.path, "training": tiny.training.path,
      ]
    ).outcome()
    let lines = outcome.errorLines
    #expect(lines.count == 1, "\(script)\n\(outcome.errors)")
    #expect(outcome.output.isEmpty, "\(script)")
    return "\(outcome.status) "
      + lines.joined(separator: " ")
      .replacing(folder.resolvingSymlinksInPath().path + "/", with: "")
      .replacing(folder.path + "/", with: "")
      .replacing(tiny.complete.deletingLastPathComponent().path, with: "tiny")
      .replacing(systemsFolder.path, with: "systems")
  }
}
