import Foundation
import Molecules
import Reporting

/// A named region of conformations: all its conditions hold.
package struct ConformationState: Equatable, Sendable {
  struct Condition: Equatable, Sendable {
    let quantity: Quantity
    let range: QuantityRange
  }

  package let name: String
  /// As it is written, "phi 2 in [0, 180) and psi 2 < 50".
  package let definition: String
  let conditions: [Condition]

  /// Reads a definition: conditions joined by "and", each a quantity "in" an interval, a quantity
  /// and a bound ("rg < 0.4"), or "hbond 4:N 1:O", "no hbond 4:N 1:O".
  ///
  /// - Throws: ``DefinitionProblem`` for what it cannot read, atoms that are not there, and
  ///   conditions that contradict each other.
  init(name: String, definition: String, reader: QuantityReader) throws(DefinitionProblem) {
    let words = definition.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else {
      throw DefinitionProblem("is empty, expected such as 'phi 2 in [0, 180)'")
    }
    var conditions: [Condition] = []
    for part in words.split(separator: "and", omittingEmptySubsequences: false) {
      conditions.append(try Self.condition(part.joined(separator: " "), reader))
    }
    for (index, condition) in conditions.enumerated() {
      for other in conditions[..<index]
      where other.quantity.kind == condition.quantity.kind && !other.range.meets(condition.range) {
        throw DefinitionProblem(
          "is empty: \(condition.quantity.text) cannot be in \(other.range) and in "
            + "\(condition.range)")
      }
    }
    self.name = name
    self.definition = words.joined(separator: " ")
    self.conditions = conditions
  }

  private static func condition(
    _ text: String, _ reader: QuantityReader
  ) throws(DefinitionProblem) -> Condition {
    guard !text.isEmpty else {
      throw DefinitionProblem("has an empty condition; 'and' stands between two")
    }
    if text.hasPrefix("hbond ") || text.hasPrefix("no hbond ") {
      let isThere = text.hasPrefix("hbond")
      let value = isThere ? 1.0 : 0
      return Condition(
        quantity: try reader.quantity(isThere ? text : String(text.dropFirst(3))),
        range: QuantityRange(
          low: value, high: value, includesLow: true, includesHigh: true, isAngle: false))
    }
    if let middle = text.firstRange(of: " in ") {
      let quantity = try reader.quantity(String(text[..<middle.lowerBound]))
      return Condition(
        quantity: quantity,
        range: try QuantityRange(String(text[middle.upperBound...]), isAngle: quantity.isAngle))
    }
    guard let sign = text.firstIndex(where: { "<>".contains($0) }) else {
      throw DefinitionProblem(
        "'\(text)' is no condition, expected such as 'phi 2 in [0, 180)' or 'rg < 0.4'")
    }
    let quantity = try reader.quantity(String(text[..<sign]))
    let rest = text[text.index(after: sign)...]
    let isClosed = rest.hasPrefix("=")
    let number = rest.drop { $0 == "=" }.trimmingCharacters(in: .whitespaces)
    guard let bound = Double(number), bound.isFinite else {
      throw DefinitionProblem("'\(number)' is no number, in '\(text)'")
    }
    let least = quantity.isAngle ? -180 : -Double.infinity
    let largest = quantity.isAngle ? 180 : Double.infinity
    let isBelow = text[sign] == "<"
    guard isBelow ? least < bound : bound < largest else {
      throw DefinitionProblem("'\(text)' never holds")
    }
    return Condition(
      quantity: quantity,
      range: QuantityRange(
        low: isBelow ? least : bound, high: isBelow ? bound : largest,
        includesLow: isBelow || isClosed, includesHigh: isBelow && isClosed,
        isAngle: quantity.isAngle))
  }

  /// Whether each frame is in the state, 1 or 0, [frames].
  ///
  /// - Parameter values: Of each condition's quantity, [conditions][frames]; angles in rad.
  func membership(_ values: [[Double]]) -> [Double] {
    var isInside = [Double](repeating: 1, count: values[0].count)
    for (condition, column) in zip(conditions, values) {
      let (range, isAngle) = (condition.range, condition.quantity.isAngle)
      for frame in column.indices where isInside[frame] > 0 {
        if !range.contains(isAngle ? column[frame] * 180 / .pi : column[frame]) {
          isInside[frame] = 0
        }
      }
    }
    return isInside
  }
}
