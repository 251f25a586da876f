import Foundation
import Yams

/// The configuration from its layers, the later winning: the program's defaults, the system's, a file, single settings.
///
/// - Parameters:
///   - systemPath: A `system.yaml`, of which `defaults` counts.
///   - file: A YAML file with the keys of `RunConfiguration`.
///   - settings: Texts "key.key=value".
/// - Throws: `CommandError.configuration`, naming the source and the key.
func resolveConfiguration(systemPath: String, file: String?, settings: [String]) throws
  -> RunConfiguration
{
  var layers: [(source: String, node: Node)] = []
  if let defaults = try composed(path: systemPath)?.mapping?["defaults"] {
    layers.append(("\(systemPath), defaults", defaults))
  }
  if let file, let node = try composed(path: file) { layers.append((file, node)) }
  for setting in settings { layers.append(("--set \(setting)", try nested(setting))) }
  var tree =
    try Yams.compose(yaml: try YAMLEncoder().encode(RunConfiguration())) ?? Node.mapping([:])
  var configuration = RunConfiguration()
  for (source, node) in layers {
    tree = try merged(tree, with: node, at: "", source: source)
    // Decoding after every layer names the source of a wrong value.
    configuration = try decoded(tree, source: source)
  }
  try configuration.validate()
  return configuration
}

private func composed(path: String) throws -> Node? {
  let text = try readText(path: path, what: "configuration file", advice: "expected YAML")
  do {
    return try Yams.compose(yaml: text)
  } catch {
    throw CommandError.configuration(source: path, problem: yamlProblem(error))
  }
}

private func decoded(_ tree: Node, source: String) throws -> RunConfiguration {
  do {
    return try YAMLDecoder().decode(RunConfiguration.self, from: try Yams.serialize(node: tree))
  } catch {
    throw CommandError.configuration(source: source, problem: yamlProblem(error))
  }
}

/// "a.b=value" as a mapping of mappings.
private func nested(_ setting: String) throws -> Node {
  guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
    throw CommandError.configuration(source: "--set \(setting)", problem: "expected key=value")
  }
  let text = String(setting[setting.index(after: equals)...])
  let value: Node
  do {
    value = try Yams.compose(yaml: text) ?? Node("")
  } catch {
    throw CommandError.configuration(source: "--set \(setting)", problem: yamlProblem(error))
  }
  return setting[..<equals].split(separator: ".").reversed().reduce(value) { node, key in
    Node.mapping([Node(String(key)): node])
  }
}

/// `base` with the values of `overlay`, whose every key has to be in `base`.
private func merged(_ base: Node, with overlay: Node, at path: String, source: String) throws
  -> Node
{
  guard case .mapping(var mapping) = base else { return overlay }
  guard let changes = overlay.mapping else {
    throw CommandError.configuration(
      source: source,
      problem: path.isEmpty
        ? "holds no settings, expected lines of KEY: value"
        : "'\(path)' holds settings of its own, expected \(path).KEY")
  }
  let known = Array(mapping.keys.compactMap(\.string))
  for (key, value) in changes {
    let name = key.string ?? ""
    let place = path.isEmpty ? name : "\(path).\(name)"
    guard let current = mapping[key] else {
      throw CommandError.configuration(
        source: source,
        problem: "unknown key '\(place)'\(suggestion(for: name, among: known, listing: true))")
    }
    mapping[key] = try merged(current, with: value, at: place, source: source)
  }
  return .mapping(mapping)
}

/// One line that says where in a YAML text something is wrong, and what.
func yamlProblem(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
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
    guard let choices = RunConfiguration.choices[place(context)] else {
      return "no valid YAML: \(firstLine(context.debugDescription))"
    }
    return "'\(place(context))' has an unknown value, expected \(choices.joined(separator: ", "))"
  case let error as YamlError: return "no valid YAML: \(firstLine("\(error)"))"
  default: return firstLine("\(error)")
  }
}

private func name(of type: any Any.Type) -> String {
  switch type {
  case is Int.Type: "whole number"
  case is UInt64.Type: "whole number from 0"
  case is Double.Type: "number"
  case is Bool.Type: "true or false"
  case is String.Type: "text"
  default: "\(type)"
  }
}

private func firstLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).joined(separator: " ")
}
