import Foundation
import Molecules
import Testing

/// The prmtop of AL2 as lines that a test can change, and what reading the result gives.
struct EditedPrmtop {
  /// Without line feeds; line n of the file is `lines[n − 1]`.
  var lines: [String]
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "prmtop-\(UUID().uuidString)")

  init() throws { try self.init(GoldenSystem.named("AL2").topology) }

  /// Of another file.
  init(_ topology: String) throws {
    let text = try String(contentsOfFile: topology, encoding: .utf8)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  var path: String { folder.appending(path: "edited.prmtop").path }
  var text: String { lines.joined(separator: "\n") }

  /// The index in `lines` of a section's `%FLAG`.
  func index(_ flag: String) throws -> Int {
    try #require(lines.firstIndex { $0.split(separator: " ") == ["%FLAG", Substring(flag)] })
  }

  /// The flags of the file, in order.
  var flags: [String] {
    lines.filter { $0.hasPrefix("%FLAG") }.map {
      $0.dropFirst(5).trimmingCharacters(in: .whitespaces)
    }
  }

  /// The indices in `lines` of a whole section, its `%FLAG` first.
  func section(_ flag: String) throws -> Range<Int> {
    let start = try index(flag)
    let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("%FLAG") } ?? lines.endIndex
    return start..<end
  }

  mutating func remove(_ flag: String) throws { lines.removeSubrange(try section(flag)) }

  /// Adds a section at the end.
  mutating func append(_ flag: String, _ format: String, _ data: String...) {
    if lines.last == "" { lines.removeLast() }
    lines += ["%FLAG \(flag)", "%FORMAT(\(format))"] + data + [""]
  }

  /// Overwrites the entry with this number (from 1) of a section whose fields are `width` wide;
  /// returns its place.
  @discardableResult
  mutating func set(
    _ flag: String, entry: Int, width: Int = 16, perLine: Int = 5, to value: String
  ) throws -> PrmtopError.Place {
    let line = try index(flag) + 2 + (entry - 1) / perLine
    var characters = Array(lines[line])
    let column = (entry - 1) % perLine * width
    let field = String(repeating: " ", count: max(0, width - value.count)) + value
    try #require(characters.count >= column + width)
    characters.replaceSubrange(column..<column + width, with: field)
    lines[line] = String(characters)
    return PrmtopError.Place(path: path, flag: flag, line: line + 1)
  }

  @discardableResult
  mutating func setInteger(_ flag: String, entry: Int, to value: Int) throws -> PrmtopError.Place {
    try set(flag, entry: entry, width: 8, perLine: 10, to: String(value))
  }

  /// The place of a section's `%FLAG`.
  func place(_ flag: String, line offset: Int = 0) throws -> PrmtopError.Place {
    PrmtopError.Place(path: path, flag: flag, line: try index(flag) + 1 + offset)
  }

  /// Reads the edited file.
  func read(model: ImplicitSolvent.Model? = nil) throws -> Prmtop {
    try read(Data(text.utf8), model: model)
  }

  /// Reads these bytes as the file.
  func read(_ bytes: Data, model: ImplicitSolvent.Model? = nil) throws -> Prmtop {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try bytes.write(to: URL(fileURLWithPath: path))
    return try readPrmtop(path: path, model: model)
  }

  /// Expects reading to fail with exactly this error, whose description is one line that names the
  /// file.
  func expect(_ error: PrmtopError, sourceLocation: SourceLocation = #_sourceLocation) {
    expect(Data(text.utf8), error, sourceLocation: sourceLocation)
  }

  func expect(
    _ bytes: Data, _ error: PrmtopError, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try read(bytes) }
    let text = error.description
    #expect(text.hasPrefix(path), sourceLocation: sourceLocation)
    #expect(!text.contains("\n") && text.count > path.count + 10, sourceLocation: sourceLocation)
  }
}
