import Foundation

/// Reads a JSON text from its start to its end, value by value, and keeps nothing of what is passed
/// over: the memory is that of the values that the caller keeps.
///
/// - SeeAlso: RFC 8259.
struct JSONScanner {
  /// The text is no JSON, or no value of the kind that was asked for.
  struct Failure: Error {}

  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var place = 0

  /// How deep lists and objects may lie in each other where they are passed over.
  private static let depth = 64

  /// - Precondition: The bytes outlive the scanner.
  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The next byte that is no blank, which stays; nil at the end.
  mutating func next() -> UInt8? {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0A, 0x0D: place += 1
      default: return bytes[place]
      }
    }
    return nil
  }

  /// Whether the text ends here but for blanks.
  mutating func isAtEnd() -> Bool { next() == nil }

  /// Steps over a character if it is the next one.
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next() == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard skip(character) else { throw Failure() }
  }

  /// Reads an object, whose values `member` reads or passes over.
  mutating func object<Problem: Error>(
    _ failure: Problem, _ member: (inout JSONScanner, String) throws(Problem) -> Void
  ) throws(Problem) {
    guard skip("{") else { throw failure }
    if skip("}") { return }
    while true {
      guard let name = try? string(), skip(":") else { throw failure }
      try member(&self, name)
      if skip("}") { return }
      guard skip(",") else { throw failure }
    }
  }

  /// Reads a list of whole numbers from 0; nil, with the list passed over, where it holds something
  /// else or more than `limit` values.
  mutating func sizes(limit: Int) throws(Failure) -> [Int]? {
    guard next() == UInt8(ascii: "[") else {
      try pass()
      return nil
    }
    let start = place
    place += 1
    var numbers: [Int] = []
    var isGood = true
    if skip("]") { return numbers }
    while isGood {
      guard let number = wholeNumber(), numbers.count < limit else {
        isGood = false
        break
      }
      numbers.append(number)
      if skip("]") { return numbers }
      isGood = skip(",")
    }
    place = start
    try pass()
    return nil
  }

  /// The whole number from 0 that is next, by digits alone; nil where there is none.
  private mutating func wholeNumber() -> Int? {
    guard let first = next(), isDigit(first) else { return nil }
    var (value, digits) = (0, 0)
    while place < bytes.count, isDigit(bytes[place]) {
      let digit = Int(bytes[place] - UInt8(ascii: "0"))
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLarge) = product.addingReportingOverflow(digit)
      if overflows || isTooLarge || (digits > 0 && value == 0) { return nil }
      (value, digits, place) = (sum, digits + 1, place + 1)
    }
    // A point or an exponent makes it another number.
    if place < bytes.count, [UInt8](".eE".utf8).contains(bytes[place]) { return nil }
    return value
  }

  /// Reads a text.
  mutating func string() throws(Failure) -> String {
    let inside = try passString()
    // Almost every text is as it stands.
    if !inside.contains(UInt8(ascii: "\\")) {
      guard let text = String(validating: bytes[inside.startIndex..<inside.endIndex], as: UTF8.self)
      else { throw Failure() }
      return text
    }
    let quoted = Data(bytes[inside.startIndex - 1..<inside.endIndex + 1])
    guard let text = try? JSONDecoder().decode(String.self, from: quoted) else { throw Failure() }
    return text
  }

  /// Passes over a text, and gives what is between its quotes.
  private mutating func passString() throws(Failure) -> Slice<UnsafeBufferPointer<UInt8>> {
    try expect("\"")
    let start = place
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place += 1
        return bytes[start..<place - 1]
      case UInt8(ascii: "\\"): place += 2
      case 0..<0x20: throw Failure()
      default: place += 1
      }
    }
    throw Failure()
  }

  /// Passes over any value.
  mutating func pass(depth: Int = JSONScanner.depth) throws(Failure) {
    guard depth > 0 else { throw Failure() }
    switch next() {
    case UInt8(ascii: "\"")?: _ = try passString()
    case UInt8(ascii: "{")?:
      try object(Failure()) { (scanner, _) throws(Failure) in
        try scanner.pass(depth: depth - 1)
      }
    case UInt8(ascii: "[")?:
      place += 1
      if skip("]") { return }
      repeat { try pass(depth: depth - 1) } while skip(",")
      try expect("]")
    default: try passWord()
    }
  }

  /// Passes over a number, or `true`, `false` or `null`.
  private mutating func passWord() throws(Failure) {
    let start = place
    while place < bytes.count, !isEnd(bytes[place]) { place += 1 }
    let word = bytes[start..<place]
    if ["true", "false", "null"].contains(where: { word.elementsEqual($0.utf8) }) { return }
    guard word.count <= 400, let first = word.first, first == UInt8(ascii: "-") || isDigit(first),
      word.last.map(isDigit) == true,
      Double(String(decoding: word, as: UTF8.self)) != nil
    else { throw Failure() }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private func isEnd(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
      || byte == UInt8(ascii: "}")
  }
}
