import Foundation
import Yams

/// A value as YAML, its keys in the order of its declaration; reading it gives the value back to
/// the last bit (YAMLTextTests).
///
/// Numbers have the fewest digits that do so, written as people write them: 0.9 and 300.
package func yamlText(_ value: some Encodable) throws -> String {
  try Yams.serialize(node: try yamlNode(value))
}

/// A value as a tree of YAML.
func yamlNode(_ value: some Encodable) throws -> Node {
  let encoder = YAMLEncoder()
  encoder.options.sortKeys = false
  // Yams writes fifteen digits of a number, JSON's encoder all that are needed, but no infinities.
  let exactEncoder = JSONEncoder()
  exactEncoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: ".inf", negativeInfinity: "-.inf", nan: ".nan")
  let numbers = String(decoding: try exactEncoder.encode(value), as: UTF8.self)
  guard let tree = try Yams.compose(yaml: try encoder.encode(value)),
    let exact = try Yams.compose(yaml: numbers)
  else { return Node.mapping([:]) }
  return tree.withNumbers(of: exact)
}

extension Node {
  /// The tree with the texts of the numbers at the same places of another.
  fileprivate func withNumbers(of other: Node) -> Node {
    switch (self, other) {
    case (.mapping(var mapping), .mapping(let others)):
      for key in Array(mapping.keys) {
        if let value = mapping[key], let exact = others[key] {
          mapping[key] = value.withNumbers(of: exact)
        }
      }
      return .mapping(mapping)
    case (.sequence(var sequence), .sequence(let others)) where sequence.count == others.count:
      for index in sequence.indices {
        sequence[index] = sequence[index].withNumbers(of: others[index])
      }
      return .sequence(sequence)
    case (.scalar(let own), .scalar(let exact)):
      guard own.style != .doubleQuoted, own.style != .singleQuoted, exact.style == .plain,
        float != nil, other.float != nil
      else { return self }
      return Node(exact.string)
    default: return self
    }
  }
}
