import Flow
import Reporting
import Yams

/// A key of a configuration, and what it means.
package struct Setting: Equatable, Sendable {
  /// With its group, as people type it: "training.batch".
  package let key: String
  /// What it is, in a few words.
  package let meaning: String
  /// Empty for a pure number.
  package let unit: String
  /// What a number may be; nil for other values.
  package let limits: Limits?

  package init(_ key: String, _ meaning: String, unit: String = "", _ limits: Limits? = nil) {
    self.key = key
    self.meaning = meaning
    self.unit = unit
    self.limits = limits
  }

  /// The setting with its group before its key.
  package func inGroup(_ group: String) -> Setting {
    Setting("\(group).\(key)", meaning, unit: unit, limits)
  }

  /// An interval of numbers.
  package enum Limits: Equatable, Sendable, CustomStringConvertible {
    case between(Double, Double)
    case atLeast(Double)
    case above(Double)
    case aboveUpTo(Double, Double)
    /// From the first to below the second.
    case below(Double, Double)

    /// An interval of whole numbers.
    package static func between(_ range: ClosedRange<Int>) -> Limits {
      .between(Double(range.lowerBound), Double(range.upperBound))
    }

    package var description: String {
      switch self {
      case .between(let low, let high): "\(low.shortest) to \(high.shortest)"
      case .atLeast(let low): "\(low.shortest) or more"
      case .above(let low): "above \(low.shortest)"
      case .aboveUpTo(let low, let high): "above \(low.shortest), up to \(high.shortest)"
      case .below(let low, let high): "\(low.shortest) to below \(high.shortest)"
      }
    }

    /// Whether a number is finite and within the limits.
    package func contains(_ value: Double) -> Bool {
      guard value.isFinite else { return false }
      return switch self {
      case .between(let low, let high): (low...high).contains(value)
      case .atLeast(let low): value >= low
      case .above(let low): value > low
      case .aboveUpTo(let low, let high): value > low && value <= high
      case .below(let low, let high): value >= low && value < high
      }
    }
  }
}

extension LayeredConfiguration {
  /// Checks every number against the limits of its setting.
  ///
  /// Options are checked in the same words. What the types check themselves, `validate()`, comes
  /// first where layers are resolved, with words and some limits of its own.
  /// - Throws: `RunError.configuration` naming the first key whose value is outside.
  package func checkNumbers() throws {
    let tree = try yamlNode(self)
    for setting in Self.settings {
      guard let limits = setting.limits, let node = value(of: setting.key, in: tree),
        let number = node.float, !limits.contains(number)
      else { continue }
      throw RunError.configuration(
        source: "configuration",
        problem: "\(setting.key) is \(text(of: node)), expected \(limits)")
    }
  }
}

extension Double {
  /// The number in the fewest digits, a whole one without its point: 300 and 0.9.
  fileprivate var shortest: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

/// A setting with what the configuration says of it: its default, and the values that it takes.
package struct DescribedSetting: Equatable, Sendable {
  package let setting: Setting
  /// As it is written in YAML.
  package let standard: String
  /// Its type, the words that it takes, or its limits.
  package let values: String
}

extension LayeredConfiguration {
  /// The settings in the order of their table, with the defaults of this configuration.
  package func describedSettings() throws -> [DescribedSetting] {
    let tree = try yamlNode(self)
    return Self.settings.map { setting in
      let node = value(of: setting.key, in: tree)
      let values =
        Self.choices[setting.key]?.joined(separator: ", ")
        ?? setting.limits.map { "\($0)" } ?? kind(of: node)
      return DescribedSetting(setting: setting, standard: text(of: node), values: values)
    }
  }
}

/// The value of a key, with its groups, in a configuration's tree.
func value(of key: String, in tree: Node) -> Node? {
  key.split(separator: ".").reduce(Optional(tree)) { $0?.mapping?[Node(String($1))] }
}

/// The value of a key in a configuration's tree as people write it on one line.
func settingText(_ key: String, in tree: Node) -> String { text(of: value(of: key, in: tree)) }

/// A value of a configuration as people write it on one line.
private func text(of node: Node?) -> String {
  switch node {
  case .sequence(let sequence)?:
    "[\(sequence.map { text(of: $0) }.joined(separator: ", "))]"
  case let node?: node.string ?? ""
  case nil: "none"
  }
}

private func kind(of node: Node?) -> String {
  guard let node else { return "number" }
  if node.sequence != nil { return "list" }
  if node.bool != nil { return "true or false" }
  if node.int != nil || node.float != nil { return "number" }
  return "text"
}

/// Settings as a table: key, default, values, unit and meaning.
package func settingsTable(_ settings: [DescribedSetting]) -> String {
  var table = TextTable(
    [.init(.left), .init(.left), .init(.left), .init(.left)], separator: "  ")
  table.rows = [["setting", "default", "values", "meaning"]]
  table.rows += settings.map {
    [$0.setting.key, $0.standard, $0.values, $0.setting.meaning + unitNote($0.setting)]
  }
  return table.lines.map { $0 + "\n" }.joined()
}

/// Settings as a table in Markdown.
package func settingsMarkdown(_ settings: [DescribedSetting]) -> String {
  "| setting | default | values | meaning |\n|---|---|---|---|\n"
    + settings.map {
      "| `\($0.setting.key)` | \($0.standard) | \($0.values) "
        + "| \($0.setting.meaning)\(unitNote($0.setting)) |\n"
    }.joined()
}

private func unitNote(_ setting: Setting) -> String {
  setting.unit.isEmpty ? "" : ", \(setting.unit)"
}
