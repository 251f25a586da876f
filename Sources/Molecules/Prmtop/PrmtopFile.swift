import Foundation

/// The sections of a prmtop, not yet interpreted: `%FLAG NAME`, `%FORMAT(…)`, then lines of fields.
struct PrmtopFile: Sendable {
  let path: String
  /// Sections by flag.
  let sections: [String: PrmtopSection]
  /// The flags in the order of the file.
  let flags: [String]

  /// Reads a file.
  init(path: String) throws(PrmtopError) {
    try self.init(path: path, bytes: Self.contents(path))
  }

  /// Cuts a text into sections.
  ///
  /// Lines end with LF or CR LF; `%VERSION` and `%COMMENT` lines are skipped, and so is a byte order
  /// mark.
  init(path: String, bytes: [UInt8]) throws(PrmtopError) {
    self.path = path
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    if bytes.isEmpty { throw .empty(path: path) }
    try Self.refuseOtherForms(path, bytes)
    let controls = bytes.firstIndex { $0 < 32 && !(9...13).contains($0) }
    if let controls { throw .binary(path: path, offset: controls) }
    let lines = Self.lines(bytes)
    try Self.checkStart(path, lines)
    var flags: [String] = []
    var sections: [String: PrmtopSection] = [:]
    var current: PrmtopSection?
    for line in lines {
      let text = line.text
      if text.hasPrefix("%VERSION") || text.hasPrefix("%COMMENT") { continue }
      if text.hasPrefix("%FLAG") {
        try Self.close(current, &sections)
        let name = String(text.dropFirst(5).split(separator: " ").first ?? "")
        if name.isEmpty {
          throw .unexpectedText(path: path, line: line.number, found: line.excerpt)
        }
        let place = PrmtopError.Place(path: path, flag: name, line: line.number)
        if let first = sections[name] {
          throw .duplicateFlag(place, firstLine: first.place.line)
        }
        current = PrmtopSection(place: place)
        flags.append(name)
      } else if text.hasPrefix("%FORMAT"), let section = current, section.format == nil {
        let found = String(text.dropFirst(7)).trimmingCharacters(in: .whitespaces)
        guard let format = PrmtopFormat(found) else {
          throw .unknownFormat(section.place(line.number), found: found)
        }
        current?.format = format
      } else if text.hasPrefix("%") && !Self.isTitle(current) || current == nil && !line.isBlank {
        throw .unexpectedText(path: path, line: line.number, found: line.excerpt)
      } else if let section = current, section.format == nil, !line.isBlank {
        throw .missingFormat(section.place)
      } else if !line.isBlank || current?.format?.kind == .text {
        current?.lines.append(line)
      }
    }
    try Self.close(current, &sections)
    self.sections = sections
    self.flags = flags
  }

  private static func close(
    _ section: PrmtopSection?, _ sections: inout [String: PrmtopSection]
  ) throws(PrmtopError) {
    guard let section else { return }
    if section.format == nil { throw .missingFormat(section.place) }
    sections[section.place.flag] = section
  }

  /// Whether a section is the title, the only text that may begin with a percent sign.
  private static func isTitle(_ section: PrmtopSection?) -> Bool {
    section?.place.flag == "TITLE" && section?.format != nil
  }

  /// Tells what has to be converted before it is a text of lines.
  private static func refuseOtherForms(_ path: String, _ bytes: [UInt8]) throws(PrmtopError) {
    let compressed: [(start: [UInt8], name: String)] = [
      ([0x1F, 0x8B], "gzip"), (Array("BZh".utf8), "bzip2"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), ([0x50, 0x4B, 0x03, 0x04], "zip"),
    ]
    if let form = compressed.first(where: { bytes.starts(with: $0.start) }) {
      throw .compressed(path: path, form: form.name)
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw .wideText(path: path)
    }
    if bytes.contains(13), !bytes.contains(10) { throw .carriageReturns(path: path) }
  }

  /// The bytes of a regular file.
  private static func contents(_ path: String) throws(PrmtopError) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .unreadable(path: path, reason: "no such file")
    }
    if isDirectory.boolValue { throw .unreadable(path: path, reason: "it is a directory") }
    do {
      // A pipe would block here, and a device never end.
      let type = try FileManager.default.attributesOfItem(
        atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)[.type]
      guard type as? FileAttributeType == .typeRegular else {
        throw PrmtopError.unreadable(path: path, reason: "it is not a regular file")
      }
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as PrmtopError {
      throw error
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }

  private static func lines(_ bytes: [UInt8]) -> [PrmtopLine] {
    let pieces = bytes.split(separator: 10, omittingEmptySubsequences: false)
    return pieces.enumerated().map { index, piece in
      PrmtopLine(
        number: index + 1, bytes: piece.last == 13 ? piece.dropLast() : piece,
        isEndOfFile: index == pieces.count - 1)
    }
  }

  /// Tells files of other kinds, whose first line that is not blank does not start with `%`.
  private static func checkStart(_ path: String, _ lines: [PrmtopLine]) throws(PrmtopError) {
    guard let first = lines.first(where: { !$0.isBlank }) else { throw .empty(path: path) }
    if lines.contains(where: { $0.text.hasPrefix("%FLAG") }) { return }
    // Before Amber 7 a title came first, then thirty integers, twelve on a line, six columns each.
    let numbers = lines.dropFirst().first.map { $0.text.split(separator: " ") } ?? []
    if !first.text.hasPrefix("%"), numbers.count >= 6, numbers.allSatisfy({ Int($0) != nil }) {
      throw .oldStyle(path: path)
    }
    throw .notPrmtop(path: path)
  }
}

/// One line of a prmtop.
struct PrmtopLine: Sendable {
  /// From 1.
  var number: Int
  /// Without the line's end.
  var bytes: ArraySlice<UInt8>
  /// Whether the file ends here, without a line feed.
  var isEndOfFile: Bool

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var isBlank: Bool { bytes.allSatisfy { $0 == 32 || (9...13).contains($0) } }
  /// Enough of the line to find it by.
  var excerpt: String { String(text.prefix(40)).trimmingCharacters(in: .whitespaces) }
}
