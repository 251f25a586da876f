import Foundation
import Yams

/// The contents of a YAML file; nil when it is empty.
/// - Throws: `RunError`.
package func readYAML(path: String, what: String) throws -> Node? {
  let text = try readInput(path: path, what: what, advice: "expected YAML")
  do {
    return try composeYAML(text)
  } catch {
    throw RunError.configuration(source: path, problem: yamlProblem(error))
  }
}

/// Decodes a value from a YAML text of bounded size (`YAMLTests`).
/// - Throws: `DecodingError`, and what ``yamlProblem(_:choices:)`` puts into words.
package func decodeYAML<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
  // As the decoder reads texts: the types say what the values are.
  let resolver = Resolver.basic.appending(.merge)
  return try YAMLDecoder().decode(type, from: try composeYAML(text, resolver) ?? "")
}

/// The value of a YAML text, nil for an empty one; where it has aliases, of at most 100,000 values
/// when they are written out.
private func composeYAML(_ text: String, _ resolver: Resolver = .default) throws -> Node? {
  let most = mostValues(of: text)
  // A key is read with all its aliases written out while the text is composed.
  guard most <= 1e7 else { throw TooManyValues() }
  let node = try Yams.compose(yaml: text, resolver)
  var budget = 100_000
  if most > 0, let node, !fits(node, &budget) { throw TooManyValues() }
  return node
}

/// The error of a YAML text whose aliases stand for too much.
private struct TooManyValues: Error {}

/// A bound of the values of a text with its aliases written out, zero where it has none: of k
/// aliases, three each of what comes before multiply the values most, 3^(k/3) times.
private func mostValues(of text: String) -> Double {
  let bytes = Array(text.utf8)
  func isName(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || [UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
  }
  let aliases = bytes.indices.dropLast().count { place in
    bytes[place] == UInt8(ascii: "*") && isName(bytes[place + 1])
      && (place == 0 || !isName(bytes[place - 1]))
  }
  return aliases == 0 ? 0 : Double(bytes.count) * pow(3, Double(aliases) / 3)
}

/// Whether a tree has no more nodes than the budget: aliases of aliases grow without end.
private func fits(_ node: Node, _ budget: inout Int) -> Bool {
  budget -= 1
  guard budget > 0 else { return false }
  if let mapping = node.mapping { return mapping.values.allSatisfy { fits($0, &budget) } }
  return node.sequence?.allSatisfy { fits($0, &budget) } ?? true
}

/// One line that says where in a YAML text something is wrong, and what.
///
/// - Parameter choices: The words that a setting takes, by its key.
package func yamlProblem(_ error: any Error, choices: [String: [String]] = [:]) -> String {
  func place(_ context: DecodingError.Context) -> String {
    context.codingPath.reduce("") { path, key in
      if let index = key.intValue { return "\(path)[\(index)]" }
      return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
  }
  switch error {
  case DecodingError.typeMismatch(let type, let context):
    return "'\(place(context))' is no \(name(of: type))"
  case DecodingError.keyNotFound(let key, let context):
    let path = (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")
    return "the key '\(path)' is missing"
  case DecodingError.valueNotFound(let type, let context):
    return "'\(place(context))' is empty, expected a \(name(of: type))"
  case DecodingError.dataCorrupted(let context):
    let key = place(context)
    if key.isEmpty {
      let cause = (context.underlyingError as? YamlError).map { problem($0) }
      return "no valid YAML: \(cause ?? firstLine(context.debugDescription))"
    }
    let expected = choices[key].map { ", expected \($0.joined(separator: ", "))" } ?? ""
    return "'\(key)' has an unknown value\(expected)"
  case let error as YamlError: return "no valid YAML: \(problem(error))"
  case is TooManyValues:
    return "has more than 100000 values, its aliases written out; write it without aliases"
  default: return firstLine("\(error)")
  }
}

/// What a text lacks to be YAML and where, without the text itself, which may be another file than
/// people think.
private func problem(_ error: YamlError) -> String {
  switch error {
  case .scanner(let context, let problem, let mark, _),
    .parser(let context, let problem, let mark, _),
    .composer(let context, let problem, let mark, _):
    let circumstance = context.map { " \($0.text)" } ?? ""
    return "line \(mark.line), column \(mark.column):\(circumstance) \(problem)"
  case .reader(let problem, let offset, _, _):
    return (offset.map { "character \($0): " } ?? "") + problem
  case .duplicatedKeysInMapping(let duplicates, let context):
    let names = duplicates.map { "'\($0.prefix(40))'" }.joined(separator: ", ")
    return "line \(context.mark.line): \(names) occurs twice"
  case .writer(let problem), .emitter(let problem), .representer(let problem): return problem
  case .memory: return "it needs too much memory"
  case .dataCouldNotBeDecoded: return "it is no UTF-8 text"
  case .no: return "unknown"
  }
}

private func name(of type: any Any.Type) -> String {
  switch type {
  case is Int.Type: "whole number"
  case is UInt64.Type: "whole number from 0"
  case is Double.Type: "number"
  case is Bool.Type: "true or false"
  case is String.Type: "text"
  case is Node.Scalar.Type: "single value"
  case is Node.Mapping.Type: "group of settings"
  case is Node.Sequence.Type: "list"
  default: "\(type)"
  }
}

private func firstLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).joined(separator: " ")
}
