import Foundation
import Yams

/// A configuration that files and single settings can change, key by key.
protocol LayeredConfiguration: Codable, Sendable {
  /// The program's defaults.
  init()

  /// Checks what can be checked without data.
  /// - Throws: `CommandError.configuration`.
  func validate() throws
}

/// The configuration from its layers, the later winning: the program's defaults, the system's, a file, single settings.
///
/// - Parameters:
///   - systemPath: A `system.yaml` or `images.yaml`, of which `defaults` counts.
///   - file: A YAML file with the keys of the configuration.
///   - settings: Texts "key.key=value".
/// - Throws: `CommandError.configuration`, naming the source and the key.
func resolveConfiguration<Configuration: LayeredConfiguration>(
  systemPath: String, file: String?, settings: [String]
) throws -> Configuration {
  var layers: [(source: String, node: Node)] = []
  if let defaults = try readYAML(path: systemPath, what: "system description")?.mapping?["defaults"]
  {
    layers.append(("\(systemPath), defaults", defaults))
  }
  if let file, let node = try readYAML(path: file, what: "configuration file") {
    layers.append((file, node))
  }
  for setting in settings { layers.append(("--set \(setting)", try nested(setting))) }
  var tree =
    try Yams.compose(yaml: try YAMLEncoder().encode(Configuration())) ?? Node.mapping([:])
  var configuration = Configuration()
  for (source, node) in layers {
    tree = try merged(tree, with: node, at: "", source: source)
    // Decoding after every layer names the source of a wrong value.
    configuration = try decoded(tree, source: source)
  }
  try configuration.validate()
  return configuration
}

private func decoded<Configuration: LayeredConfiguration>(_ tree: Node, source: String) throws
  -> Configuration
{
  do {
    return try YAMLDecoder().decode(Configuration.self, from: tree)
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
