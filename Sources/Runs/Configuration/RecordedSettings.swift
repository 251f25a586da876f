import Foundation
import TensorFiles

/// The settings that decide what a training or a simulation computes, by their keys, for
/// comparison; a checkpoint holds them, so that a record that was edited in between is noticed.
package struct RecordedSettings: Equatable, Sendable {
  /// As they are written in YAML.
  private let values: [String: String]

  /// None, with which everything agrees.
  package static let none = RecordedSettings(values: [:])

  private init(values: [String: String]) { self.values = values }

  /// - Parameters:
  ///   - others: Keys of settings that may differ; of a whole group with a point at the end.
  ///   - inputs: What else of the record decides what is computed, by its keys.
  package init(
    _ configuration: some LayeredConfiguration, besides others: [String],
    inputs: [String: String] = [:]
  ) throws {
    let tree = try yamlNode(configuration)
    var values = inputs
    for key in type(of: configuration).settings.map(\.key)
    where !others.contains(where: { $0.last == "." ? key.hasPrefix($0) : key == $0 }) {
      values[key] = settingText(key, in: tree)
    }
    self.values = values
  }

  /// What is written down.
  package var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(values)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The first key that has another value in what was written down, with both values; nil where all
  /// agree.
  package func difference(from text: String) -> (key: String, now: String, then: String)? {
    guard let written = try? decodeJSON([String: String].self, from: text.utf8)
    else { return nil }
    for (key, now) in values.sorted(by: { $0.key < $1.key }) {
      guard let then = written[key], then != now else { continue }
      return (key, now, then)
    }
    return nil
  }
}
