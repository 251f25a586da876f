import Foundation

/// A value as JSON for people and programs: keys sorted, indented, with a line break at the end.
///
/// JSON has no infinities; these and NaN stand as the texts "inf", "-inf" and "nan".
/// - Throws: What the value's own encoding throws.
package func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
