import Foundation
import Runs
import TestSupport
import Testing
import Yams

@Suite struct YAMLTests {
  private enum Kind: String, Decodable { case soft, hard }

  private struct Group: Decodable {
    let kind: Kind?
    let orders: [[Int]]?
    let needed: Bool?
  }

  private struct Settings: Decodable {
    let seed: UInt64?
    let count: Int?
    let rate: Double?
    let flag: Bool?
    let name: String?
    let flow: Group?
  }

  private struct Whole: Decodable {
    struct Part: Decodable { let name: String }
    let part: Part
  }

  private func problem<Value: Decodable>(
    _ type: Value.Type, _ text: String, choices: [String: [String]] = [:]
  ) throws -> String {
    do {
      _ = try YAMLDecoder().decode(type, from: text)
    } catch {
      return yamlProblem(error, choices: choices)
    }
    Issue.record("'\(text)' is no problem")
    return ""
  }

  @Test(arguments: [
    ("count: many", "'count' is no whole number"), ("count: 1.5", "'count' is no whole number"),
    ("seed: -1", "'seed' is no whole number from 0"), ("rate: fast", "'rate' is no number"),
    ("flag: maybe", "'flag' is no true or false"), ("name: [a]", "'name' is no single value"),
    ("flow: 3", "'flow' is no group of settings"),
    ("flow: {orders: 3}", "'flow.orders' is no list"),
    ("flow: {orders: [[0, 1], [0, [1]]]}", "'flow.orders[1][1]' is no single value"),
    ("flow: {orders: [[0, x]]}", "'flow.orders[0][1]' is no whole number"),
  ])
  func `a value of the wrong type is named with what it is not`(text: String, line: String) throws {
    #expect(try problem(Settings.self, text) == line)
  }

  @Test func `a missing key is named with its groups`() throws {
    #expect(try problem(Whole.self, "part: {}") == "the key 'part.name' is missing")
    #expect(try problem(Whole.self, "other: 1") == "the key 'part' is missing")
  }

  @Test func `an unknown word is answered with those that there are`() throws {
    #expect(
      try problem(
        Settings.self, "flow: {kind: medium}", choices: ["flow.kind": ["soft", "hard"]])
        == "'flow.kind' has an unknown value, expected soft, hard")
  }

  @Test func `a value that is not there is named with what was expected`() {
    let context = DecodingError.Context(codingPath: [], debugDescription: "")
    #expect(
      yamlProblem(DecodingError.valueNotFound(Double.self, context))
        == "'' is empty, expected a number")
  }

  @Test(arguments: ["a: [1", "a: 1\na: 2", "a: 'x", "\tb: 1"])
  func `what is no YAML is said in one line`(text: String) throws {
    let line = try problem(Whole.self, text)
    #expect(line.hasPrefix("no valid YAML: "), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test(arguments: [
    ("a: 1\npassword: [hunter2\nb: 2\n", "line 3, column 2"),
    ("hunter2: hunter2: hunter2\n", "line 1, column 17"),
    ("a: hunter2\n\u{1b}[31m\n", "control characters"),
  ])
  func `what is no YAML is not shown`(text: String, place: String) throws {
    let line = try problem(Whole.self, text)
    #expect(!line.contains("hunter2") && line.contains(place), "\(line)")
  }

  @Test func `another error speaks for itself, in one line`() {
    struct Other: Error, CustomStringConvertible { let description = "one\ntwo" }
    #expect(yamlProblem(Other()) == "one two")
  }

  private func read(_ text: String) throws -> Node? {
    try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/x.yaml"))
      return try readYAML(path: "\(folder)/x.yaml", what: "settings")
    }
  }

  @Test func `a file without a value is nil`() throws {
    #expect(try read("") == nil)
    #expect(try read("# nothing but words\n") == nil)
    #expect(try read("a: 1") == ["a": 1])
  }

  @Test func `aliases of aliases end before they fill the memory`() throws {
    // 9 · 5⁸ values, the aliases written out.
    let bomb =
      "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
      + zip("bcdefghi", "abcdefgh").map {
        "\($0): &\($0) [*\($1), *\($1), *\($1), *\($1), *\($1)]\n"
      }
      .joined()
    let error = #expect(throws: RunError.self) { try read(bomb) }
    guard case .configuration(let source, let problem) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(source.hasSuffix("/x.yaml"))
    #expect(
      problem == "has more than 100000 values, its aliases written out; write it without aliases")
    #expect(try read("a: &a [1, 2]\nb: *a")?["b"]?.sequence?.count == 2)
  }

  @Test func `aliases in keys end before they take forever`() throws {
    let lines = (1...9).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }
    let bomb = "a0: &a0 [x, x, x]\n" + lines.joined() + "? *a9\n: 1\n"
    #expect(throws: RunError.self) { try read(bomb) }
    // What is no alias does not count.
    let stars = String(repeating: "# *.nc 2*3 * a\n", count: 1_000)
    #expect(try read(stars + "a: 1") == ["a": 1])
  }

  @Test func `a record with aliases of aliases is one line`() throws {
    struct Lists: Decodable { let lists: [[Int]] }
    #expect(
      try decodeYAML(Lists.self, from: "a: &a [1, 2]\nlists: [*a, *a]").lists == [[1, 2], [1, 2]])
    for (values, aliases) in [(10_000, 12), (10, 200)] {
      let row = "\(Array(repeating: 1, count: values))"
      let rows = Array(repeating: "*a", count: aliases).joined(separator: ", ")
      let error = #expect(throws: (any Error).self) {
        try decodeYAML(Lists.self, from: "a: &a \(row)\nlists: [\(rows)]")
      }
      #expect(
        error.map { yamlProblem($0) }
          == "has more than 100000 values, its aliases written out; write it without aliases")
    }
  }

  @Test func `a file that is none is refused`() throws {
    try withTemporaryFolder { folder in
      #expect(
        throws: RunError.missing(
          what: "settings", path: "\(folder)/none", advice: "expected YAML")
      ) { try readYAML(path: "\(folder)/none", what: "settings") }
      #expect(
        throws: RunError.badData(
          path: folder, problem: "is a folder, no settings; expected YAML")
      ) { try readYAML(path: folder, what: "settings") }
      let text = URL(fileURLWithPath: "\(folder)/latin1")
      try Data([0x61, 0xE4, 0x0A]).write(to: text)
      #expect(
        throws: RunError.badData(
          path: text.path, problem: "is no readable UTF-8 text; expected a settings")
      ) { try readYAML(path: text.path, what: "settings") }
    }
  }
}
