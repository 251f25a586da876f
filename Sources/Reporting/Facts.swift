/// Something that there is to say of a file, a run or a machine: its name and its value.
package typealias Fact = (name: String, value: FactValue)

/// A value that is a number in JSON when it is one.
package enum FactValue: Encodable, Equatable, Sendable, CustomStringConvertible {
  case text(String)
  case count(Int)
  case number(Double)
  /// A text that is too long for people, and what they see of it.
  case long(String, shown: String)

  package var description: String {
    switch self {
    case .text(let text), .long(_, shown: let text): text
    case .count(let count): "\(count)"
    case .number(let number): number.fixed(4)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text), .long(let text, shown: _): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .number(let number): try container.encode(number)
    }
  }
}

/// Facts as two columns, a line each.
package func factsTable(_ facts: [Fact]) -> String {
  var table = TextTable([.init(.left), .init(.left)], separator: "  ")
  table.rows = facts.map { [$0.name, $0.value.description] }
  return table.lines.map { $0 + "\n" }.joined()
}

/// Facts as a JSON object, with underscores in the names; of two facts with one name the first
/// counts.
package func factsJSON(_ facts: [Fact]) throws -> String {
  let members = facts.map { ($0.name.replacing(" ", with: "_"), $0.value) }
  return try jsonText(Dictionary(members) { first, _ in first })
}
