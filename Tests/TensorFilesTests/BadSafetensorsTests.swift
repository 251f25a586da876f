import Foundation
import TensorFiles
import Testing

/// One broken file and what must be said about it.
private struct BadFile: CustomStringConvertible, Sendable {
  let description: String
  let data: Data
  let error: SafetensorsError
}

private let path = "bad.safetensors"

private func entry(
  _ name: String = "a", type: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]"
) -> String {
  "\"\(name)\":{\"dtype\":\(type),\"shape\":\(shape),\"data_offsets\":\(offsets)}"
}

private func file(_ entries: String..., elements: Int = 8) -> Data {
  bytes("{" + entries.joined(separator: ",") + "}", [UInt8](repeating: 0, count: elements))
}

private func tensor(_ problem: String) -> SafetensorsError {
  .tensor(path: path, name: "a", problem: problem)
}

private func header(_ problem: String) -> SafetensorsError {
  .header(path: path, problem: problem)
}

private let pytorch = SafetensorsError.file(
  .content(
    path: path,
    problem: "is no safetensors file but a zip archive or pickle, such as PyTorch's .pth; convert "
      + "it with notebooks-export/convert_weights.py"))
private let twice = header("a name occurs twice in one object")
private let noObject = header("not a JSON object")
private let noPair = tensor("its data_offsets are no ascending pair")
private let noSizes = tensor("its shape is no list of sizes")
/// The header of `file(entry())` has 54 bytes.
private let badFiles: [BadFile] = [
  ("nothing", Data(), .truncated(path: path, expected: 8, found: 0)),
  ("seven bytes", Data(count: 7), .truncated(path: path, expected: 8, found: 7)),
  ("length 0", Data(count: 8), noObject),
  ("length 2⁶⁴ − 1", Data(repeating: 0xFF, count: 8), header("its length is \(UInt64.max)")),
  (
    "length above 100 MB", Data([1, 0xE1, 0xF5, 5, 0, 0, 0, 0]),
    header("its length is 100000001")
  ),
  (
    "header cut off", Data([100, 0, 0, 0, 0, 0, 0, 0, 0x7B]),
    .truncated(path: path, expected: 108, found: 9)
  ),
  ("text", bytes("hello"), noObject),
  ("an array", bytes("[]"), noObject),
  ("leading blank", bytes(" {}"), noObject),
  ("unfinished", bytes("{\"a\":"), noObject),
  ("no UTF-8", Data([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0x7D]), noObject),
  ("elements cut off", file(entry(), elements: 7), .truncated(path: path, expected: 70, found: 69)),
  (
    "trailing bytes", file(entry(), elements: 9),
    .trailingBytes(path: path, expected: 70, found: 71)
  ),
  (
    "hole at the start", file(entry(offsets: "[4,12]"), elements: 12),
    .layout(path: path, name: "a", expectedStart: 0, found: 4)
  ),
  (
    "hole", file(entry(), entry("b", offsets: "[12,20]"), elements: 20),
    .layout(path: path, name: "b", expectedStart: 8, found: 12)
  ),
  (
    "overlap", file(entry(), entry("b", offsets: "[4,12]"), elements: 12),
    .layout(path: path, name: "b", expectedStart: 8, found: 4)
  ),
  (
    "the same bytes twice", file(entry(), entry("b")),
    .layout(path: path, name: "b", expectedStart: 8, found: 0)
  ),
  (
    "an empty tensor inside another", file(entry(), entry("b", shape: "[0]", offsets: "[4,4]")),
    .layout(path: path, name: "b", expectedStart: 8, found: 4)
  ),
  (
    "shape too large", file(entry(shape: "[3]")),
    tensor("shape [3] needs 12 bytes, data_offsets hold 8")
  ),
  ("negative shape", file(entry(shape: "[-2]")), noSizes),
  ("fractional shape", file(entry(shape: "[2.5]")), noSizes),
  ("shape of texts", file(entry(shape: "[\"2\"]")), noSizes),
  ("shape of truths", file(entry(shape: "[true,2]")), noSizes),
  ("huge size", file(entry(shape: "[18446744073709551616]")), noSizes),
  ("no list", file(entry(shape: "2")), noSizes),
  (
    "overflowing shape", file(entry(shape: "[4294967296,4294967296]")),
    tensor("its shape [4294967296, 4294967296] overflows")
  ),
  ("reversed offsets", file(entry(offsets: "[8,0]")), noPair),
  ("negative offset", file(entry(offsets: "[-8,0]")), noPair),
  ("one offset", file(entry(offsets: "[8]")), noPair),
  ("three offsets", file(entry(offsets: "[0,8,8]")), noPair),
  (
    "offsets near 2⁶³", file(entry(offsets: "[9223372036854775799,9223372036854775807]")),
    .layout(path: path, name: "a", expectedStart: 0, found: 9_223_372_036_854_775_799)
  ),
  (
    "a size near 2⁶³",
    file(entry(shape: "[2305843009213693951]", offsets: "[0,9223372036854775804]")),
    .truncated(path: path, expected: .max, found: 106)
  ),
  (
    "a shorter type", file(entry(type: "\"I8\"")),
    tensor("has dtype I8, expected F32, F64, F16, BF16, I32 or I64")
  ),
  ("no type", file(entry(type: "null")), tensor("has no dtype")),
  ("a number as entry", bytes("{\"a\":1}"), tensor("its entry is no JSON object")),
  ("an empty entry", bytes("{\"a\":{}}"), tensor("has no dtype")),
  (
    "numbers as metadata", bytes("{\"__metadata__\":{\"a\":1}}"),
    header("__metadata__ is not a map of texts")
  ),
  (
    "a list as metadata", bytes("{\"__metadata__\":[]}"),
    header("__metadata__ is not a map of texts")
  ),
  ("a zip archive", Data([0x50, 0x4B, 3, 4]) + Data(count: 40), pytorch),
  ("a pickle", Data([0x80, 2, 0x8A, 10]) + Data(repeating: 0x6C, count: 40), pytorch),
  (
    "a Git LFS pointer", Data("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a".utf8),
    .file(
      .content(
        path: path,
        problem: "is no safetensors file but a Git LFS pointer: run 'git lfs pull'"))
  ),
  ("a tensor twice", file(entry(), entry()), twice),
  ("a tensor twice, once escaped", file(entry(), entry("\\u0061")), twice),
  ("metadata twice", bytes("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}"), twice),
  ("a type twice", file(entry(type: "\"F32\",\"dtype\":\"F32\"")), twice),
].map { BadFile(description: $0.0, data: $0.1, error: $0.2) }

@Suite struct BadSafetensorsTests {
  @Test(arguments: badFiles.indices)
  func `a broken file is refused by name`(index: Int) {
    let bad = badFiles[index]
    #expect(throws: bad.error, "\(bad)") { _ = try Safetensors(bad.data, path: path) }
    #expect(bad.error.description.hasPrefix(path + ": "))
    #expect(!bad.error.description.contains("\n"))
  }

  @Test func `colons and quotes in names and texts are no members`() throws {
    let text = "{\"__metadata__\":{\"a:\\\"b\":\"c:d\\\\\",\"e\":\":\"},\(entry("x:y"))}"
    let file = try Safetensors(bytes(text, [UInt8](repeating: 0, count: 8)), path: path)
    #expect(file.metadata == ["a:\"b": "c:d\\", "e": ":"])
    #expect(file.tensors.keys.sorted() == ["x:y"])
  }

  @Test(arguments: [
    ("{\"a\":1e400}", "a number beyond all"), ("{\"a\":01}", "a zero before a number"),
    ("{\"a\":tru}", "half a word"), ("{\"a\":\"x\ny\"}", "a line feed in a text"),
    ("{\"a\" 1}", "no colon"), ("{\"a\":1,}", "a comma at the end"), ("{} {}", "two objects"),
    ("{\"a\":\"\\", "a text without its end"), ("{\"\\ud800\":1}", "half a surrogate"),
  ])
  func `what is no JSON is no header`(text: String, what: String) {
    let error = #expect(throws: SafetensorsError.self, "\(what)") {
      _ = try Safetensors(bytes(text), path: path)
    }
    guard case .header? = error else {
      if case .tensor(_, _, "its entry is no JSON object")? = error { return }
      Issue.record("\(what): \(String(describing: error))")
      return
    }
  }

  @Test func `keys that nobody knows are passed over`() throws {
    let more = "\"made\":{\"by\":[1,-2.5e3,true,null,\"]}\\\"\"]}"
    let text =
      "{\"a\":{\"dtype\":\"F32\",\(more), \"shape\" : [ 2 ] ,\"data_offsets\":[0,8]}}  \n"
    let file = try Safetensors(bytes(text, [UInt8](repeating: 0, count: 8)), path: path)
    #expect(file.tensors["a"]?.shape == [2])
  }

  /// A message with all of them would be as long as the file.
  @Test func `a list without end is no list of sizes`() {
    let many = "[" + String(repeating: "1,", count: 100_000) + "1]"
    #expect(throws: noSizes) { _ = try Safetensors(file(entry(shape: many)), path: path) }
    #expect(throws: noPair) { _ = try Safetensors(file(entry(offsets: many)), path: path) }
  }

  @Test func `texts without end are refused`() {
    let texts = (0...100_000).map { "\"\($0)\":\"\"" }.joined(separator: ",")
    #expect(throws: header("__metadata__ has more than 100000 texts")) {
      _ = try Safetensors(bytes("{\"__metadata__\":{\(texts)}}"), path: path)
    }
  }

  @Test func `deep nesting ends`() {
    let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
    #expect(throws: noObject) { _ = try Safetensors(bytes(deep), path: path) }
  }
}
