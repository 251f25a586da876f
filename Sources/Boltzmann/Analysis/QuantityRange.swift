import Foundation
import Reporting

/// The values of a quantity that belong to a state, in the unit that it is written in.
///
/// Angles count modulo 360°.
struct QuantityRange: Equatable, Sendable, CustomStringConvertible {
  let low, high: Double
  let includesLow, includesHigh: Bool
  let isAngle: Bool

  /// Reads "[0, 180)".
  ///
  /// - Throws: ``DefinitionProblem`` for what is no interval, or is empty, or goes the wrong way.
  init(_ text: String, isAngle: Bool) throws(DefinitionProblem) {
    let inner = text.dropFirst().dropLast()
    let bounds = inner.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard let first = text.first, let last = text.last, "[(".contains(first),
      ")]".contains(last), bounds.count == 2, let low = bounds[0], let high = bounds[1],
      low.isFinite, high.isFinite
    else { throw DefinitionProblem("'\(text)' is no interval, expected such as [0, 180)") }
    self.init(
      low: low, high: high, includesLow: first == "[", includesHigh: last == "]", isAngle: isAngle)
    try check(text)
  }

  init(low: Double, high: Double, includesLow: Bool, includesHigh: Bool, isAngle: Bool) {
    (self.low, self.high, self.isAngle) = (low, high, isAngle)
    (self.includesLow, self.includesHigh) = (includesLow, includesHigh)
  }

  private func check(_ text: String) throws(DefinitionProblem) {
    guard low <= high else {
      let advice =
        isAngle && high + 360 > low
        ? "; across 180 degrees write [\(short(low)), \(short(high + 360)))" : ""
      throw DefinitionProblem("the interval \(text) goes the wrong way round\(advice)")
    }
    guard low < high || includesLow && includesHigh else {
      throw DefinitionProblem("the interval \(text) is empty")
    }
    if isAngle, high - low > 360 || abs(low) > 360 || abs(high) > 360 {
      throw DefinitionProblem("the interval \(text) goes beyond a turn of 360 degrees")
    }
  }

  /// Whether a value in the written unit belongs to it; NaN never does.
  func contains(_ value: Double) -> Bool {
    guard isAngle else { return holds(value) }
    return [-360.0, 0, 360].contains { holds(value + $0) }
  }

  private func holds(_ value: Double) -> Bool {
    (value > low || includesLow && value == low) && (value < high || includesHigh && value == high)
  }

  /// Whether some value belongs to both.
  func meets(_ other: QuantityRange) -> Bool {
    let shifts: [Double] = isAngle ? [-720, -360, 0, 360, 720] : [0]
    return shifts.contains { shift in
      let (from, to) = (max(low, other.low + shift), min(high, other.high + shift))
      guard from == to else { return from < to }
      return holds(from) && other.holds(from - shift)
    }
  }

  var description: String {
    "\(includesLow ? "[" : "(")\(short(low)), \(short(high))\(includesHigh ? "]" : ")")"
  }
}

/// A number without needless decimals.
private func short(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
}
