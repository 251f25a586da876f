/// Something that there is to say of a file or a machine: its name and its value.
typealias Fact = (name: String, value: FactValue)

/// A value that is a number in JSON when it is one.
enum FactValue: Encodable, CustomStringConvertible {
  case text(String)
  case count(Int)
  case number(Double)

  var description: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .number(let number): decimal(number, 4)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .number(let number): try container.encode(number)
    }
  }
}

/// Prints facts as two columns, or as a JSON object with underscores in the names.
func printFacts(_ facts: [Fact], json: Bool) throws {
  if json {
    let table = facts.map { ($0.name.replacing(" ", with: "_"), $0.value) }
    // A checkpoint's own metadata may repeat a name.
    let unique = Dictionary(table) { first, _ in first }
    return try printResult(try tarflow_mol.json(unique))
  }
  let width = facts.map(\.name.count).max() ?? 0
  let lines = facts.map { name, value in
    "\(name)\(String(repeating: " ", count: width - name.count))  \(value)\n"
  }
  try printResult(lines.joined())
}
