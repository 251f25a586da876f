/// The layout of a section's lines: `%FORMAT(5E16.8)` is five real numbers, each 16 columns wide.
struct PrmtopFormat: Equatable, Sendable {
  enum Kind: String { case text, integers, reals }

  /// Fields on a line.
  var count: Int
  var kind: Kind
  /// Columns of a field.
  var width: Int
  /// As it stands in the file.
  var text: String

  /// Reads what follows the word `%FORMAT`; nil unless it is one Fortran descriptor in parentheses.
  init?(_ text: String) {
    let trimmed = text.filter { $0 != " " }
    guard trimmed.hasPrefix("("), trimmed.hasSuffix(")") else { return nil }
    let inner = trimmed.dropFirst().dropLast().lowercased()
    let digits = inner.prefix { $0.isASCII && $0.isNumber }
    var rest = inner.dropFirst(digits.count)
    // ParmEd repeats a descriptor in parentheses: (8(F9.5)).
    if rest.hasPrefix("("), rest.hasSuffix(")") { rest = rest.dropFirst().dropLast() }
    guard let letter = rest.first else { return nil }
    switch letter {
    case "a": kind = .text
    case "i": kind = .integers
    case "e", "f", "d", "g": kind = .reals
    default: return nil
    }
    let size = rest.dropFirst().split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = (digits.isEmpty ? ["1"] : [String(digits)]) + size.map { String($0) }
    let limit = 10_000
    for number in numbers {
      guard number.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(number), value < limit
      else { return nil }
    }
    guard let count = Int(numbers[0]), let width = Int(numbers[1]), count > 0, width > 0
    else { return nil }
    self.count = count
    self.width = width
    self.text = trimmed
  }
}
