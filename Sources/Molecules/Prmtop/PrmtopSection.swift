import Foundation

/// One section of a prmtop: its place, its format and its lines.
struct PrmtopSection: Sendable {
  /// The values of a section, and the line that each of them stands in.
  struct Values<Value: Sendable>: Sendable {
    let section: PrmtopError.Place
    var values: [Value] = []
    var lines: [Int] = []

    /// Where the entry with this index (from 0) stands.
    func place(_ index: Int) -> PrmtopError.Place {
      var place = section
      if lines.indices.contains(index) { place.line = lines[index] }
      return place
    }
  }

  /// Where the `%FLAG` stands.
  let place: PrmtopError.Place
  var format: PrmtopFormat?
  var lines: [PrmtopLine] = []

  init(place: PrmtopError.Place) {
    self.place = place
  }

  func place(_ line: Int) -> PrmtopError.Place {
    PrmtopError.Place(path: place.path, flag: place.flag, line: line)
  }

  /// All integers of the section, none beyond 32 bits.
  func integers() throws(PrmtopError) -> Values<Int> {
    try numbers(.integers) { text in
      Int(text).flatMap { Int32(exactly: $0) == nil ? nil : $0 }
    }
  }

  /// All real numbers of the section, finite.
  func reals() throws(PrmtopError) -> Values<Double> {
    try numbers(.reals, Self.real)
  }

  /// Texts without the blanks around them; blank fields count, but for those after the `expected`
  /// ones.
  func texts(expected: Int) throws(PrmtopError) -> Values<String> {
    let format = try checkedFormat(.text)
    var found = Values<String>(section: place)
    for line in lines {
      for field in fields(line, format) {
        found.values.append(
          String(decoding: field, as: UTF8.self).trimmingCharacters(in: .whitespaces))
        found.lines.append(line.number)
      }
    }
    while found.values.count > expected, found.values.last == "" {
      found.values.removeLast()
      found.lines.removeLast()
    }
    return found
  }

  private func numbers<Value: Sendable>(
    _ kind: PrmtopFormat.Kind, _ parse: (String) -> Value?
  ) throws(PrmtopError) -> Values<Value> {
    let format = try checkedFormat(kind)
    var found = Values<Value>(section: place)
    for line in lines where !line.isBlank {
      let place = place(line.number)
      if let tab = line.bytes.firstIndex(of: 9) {
        throw .tab(place, column: tab - line.bytes.startIndex + 1)
      }
      let room = format.count * format.width
      let rest = line.bytes.dropFirst(room)
      if rest.contains(where: { $0 != 32 }) {
        let text = String(decoding: rest, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        throw .trailingText(place, found: String(text.prefix(40)))
      }
      for field in fields(line, format) {
        let text = String(decoding: field, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        let column = field.startIndex - line.bytes.startIndex + 1
        if line.isEndOfFile && field.count < format.width { throw .truncated(place, found: text) }
        if !text.isEmpty, text.allSatisfy({ $0 == "*" }) { throw .overflow(place, column: column) }
        guard let value = parse(text) else {
          throw .invalidNumber(place, column: column, found: text)
        }
        found.values.append(value)
        found.lines.append(line.number)
      }
    }
    return found
  }

  /// The fields of a line up to the last one that is not blank (numbers) or to the line's end
  /// (texts).
  private func fields(_ line: PrmtopLine, _ format: PrmtopFormat) -> [ArraySlice<UInt8>] {
    var bytes = line.bytes.prefix(format.count * format.width)
    if format.kind != .text {
      let end = bytes.lastIndex { $0 != 32 } ?? bytes.startIndex
      // Up to the last field's full width, so that one cut off is told from one followed by blanks.
      let columns = (end - bytes.startIndex) / format.width * format.width + format.width
      bytes = bytes.prefix(columns)
    }
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: format.width).map { start in
      bytes[start..<min(start + format.width, bytes.endIndex)]
    }
  }

  private func checkedFormat(_ kind: PrmtopFormat.Kind) throws(PrmtopError) -> PrmtopFormat {
    guard let format else { throw .missingFormat(place) }
    if format.kind != kind {
      throw .wrongFormat(place, expected: kind.rawValue, found: format.text)
    }
    return format
  }

  /// A number as Fortran writes it: `1.0E+00`, `1.0D+00`, or `1.0+100` where the letter had no
  /// room.
  private static func real(_ text: String) -> Double? {
    var plain = ""
    for character in text {
      switch character {
      case "d", "D", "e", "E": plain.append("e")
      case "+" where plain.last?.isNumber == true || plain.last == ".",
        "-" where plain.last?.isNumber == true || plain.last == ".":
        plain.append("e")
        plain.append(character)
      case "0"..."9", ".", "+", "-": plain.append(character)
      default: return nil
      }
    }
    return Double(plain).flatMap { $0.isFinite ? $0 : nil }
  }
}
