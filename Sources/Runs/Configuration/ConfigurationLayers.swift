import Foundation
import Yams

/// A configuration that files and single settings can change, key by key.
package protocol LayeredConfiguration: Codable, Sendable {
  /// The words that a setting takes, by its key.
  static var choices: [String: [String]] { get }
  /// What every key means.
  static var settings: [Setting] { get }

  /// Checks what can be checked without data.
  /// - Throws: `RunError.configuration`.
  func validate() throws
}

/// Some settings, and where they come from.
package struct ConfigurationLayer: Equatable {
  package let source: String
  package let settings: Node

  package init(source: String, settings: Node) {
    self.source = source
    self.settings = settings
  }

  /// The number under a key of the first level; nil when there is none.
  package func number(_ key: String) -> Double? { settings.mapping?[Node(key)]?.float }

  /// The word under a key, which is given with its group; nil when there is none.
  package func word(_ key: String) -> String? { value(of: key, in: settings)?.scalar?.string }

  /// Whether it has a value for a key, which is given with its group: "training.batch".
  package func sets(_ key: String) -> Bool { value(of: key, in: settings) != nil }

  /// The settings of a YAML file; nil when it is empty.
  ///
  /// Those of the record of a run are what it says of its configuration.
  /// - Throws: `RunError`.
  package init?(file path: String) throws {
    guard let node = try readYAML(path: path, what: "configuration file") else { return nil }
    let isRecord = node.mapping?["program"] != nil
    let recorded = isRecord ? node.mapping?["configuration"] ?? node.mapping?["settings"] : nil
    self.init(source: path, settings: recorded ?? node)
  }

  /// What stands under `defaults` in a description of a system; nil when there is nothing.
  /// - Throws: `RunError`.
  package init?(defaultsOf path: String) throws {
    let description = try readYAML(path: path, what: "system description")
    guard let defaults = description?.mapping?["defaults"] else { return nil }
    self.init(source: "\(path), defaults", settings: defaults)
  }

  /// One setting "key.key=value".
  ///
  /// - Parameter source: What people typed for it; the setting itself by default.
  /// - Throws: `RunError.configuration`.
  package init(setting: String, source: String? = nil) throws {
    let source = source ?? setting
    self.init(source: source, settings: try nested(setting, source: source))
  }
}

/// The configuration from its layers, the later winning over the earlier and all over the defaults.
///
/// - Throws: `RunError.configuration`, naming the source and the key.
package func resolveConfiguration<Configuration: LayeredConfiguration>(
  _ defaults: Configuration, layers: [ConfigurationLayer]
) throws -> Configuration {
  var tree = try yamlNode(defaults)
  var configuration = defaults
  for layer in layers {
    tree = try merged(
      tree, with: layer.settings, at: "", source: layer.source,
      keys: Configuration.settings.map(\.key))
    // Decoding after every layer names the source of a wrong value.
    configuration = try decoded(tree, source: layer.source)
  }
  try configuration.validate()
  try configuration.checkNumbers()
  return configuration
}

private func decoded<Configuration: LayeredConfiguration>(_ tree: Node, source: String) throws
  -> Configuration
{
  do {
    return try YAMLDecoder().decode(Configuration.self, from: tree)
  } catch {
    throw RunError.configuration(
      source: source, problem: yamlProblem(error, choices: Configuration.choices))
  }
}

/// "a.b=value" as a mapping of mappings.
private func nested(_ setting: String, source: String) throws -> Node {
  guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
    throw RunError.configuration(source: source, problem: "expected key=value")
  }
  let text = String(setting[setting.index(after: equals)...])
  let value: Node
  do {
    value = try Yams.compose(yaml: text) ?? Node("")
  } catch {
    throw RunError.configuration(source: source, problem: yamlProblem(error))
  }
  return setting[..<equals].split(separator: ".").reversed().reduce(value) { node, key in
    Node.mapping([Node(String(key)): node])
  }
}

/// `base` with the values of `overlay`, whose every key has to be in `base`.
///
/// - Parameter keys: Of the whole configuration, for a key whose group is missing.
private func merged(
  _ base: Node, with overlay: Node, at path: String, source: String, keys: [String]
) throws -> Node {
  guard case .mapping(var mapping) = base else { return overlay }
  guard let changes = overlay.mapping else {
    throw RunError.configuration(
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
      let whole = keys.first { $0.hasSuffix(".\(name)") }
      let advice =
        whole.map { "; did you mean '\($0)'?" }
        ?? suggestion(for: name, among: known, listing: true)
      throw RunError.configuration(source: source, problem: "unknown key '\(place)'\(advice)")
    }
    mapping[key] = try merged(current, with: value, at: place, source: source, keys: keys)
  }
  return .mapping(mapping)
}
