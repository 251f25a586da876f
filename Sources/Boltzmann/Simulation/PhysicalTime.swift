/// A time of a molecule as people write it: "10ns", "0.5 ps", "2fs", "1us".
package struct PhysicalTime: LosslessStringConvertible, Equatable, Sendable {
  package let picoseconds: Double

  private static let units = [("fs", 1e-3), ("ps", 1.0), ("ns", 1e3), ("us", 1e6), ("µs", 1e6)]

  package init(picoseconds: Double) { self.picoseconds = picoseconds }

  /// The time that a text says; nil when it says none.
  package init?(_ text: String) {
    for (name, unit) in Self.units where text.hasSuffix(name) {
      let number = text.dropLast(name.count).filter { $0 != " " }
      guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
      // 2 / 1000 and not 2 · 1e-3: the digits of the text where they can be.
      picoseconds = unit < 1 ? value / (1 / unit) : value * unit
      return
    }
    return nil
  }

  /// The time in the largest unit of which it has one, to six decimals.
  package var description: String { text(separator: "") }

  /// The same for people, with a blank before the unit: "20 ps".
  package var spelled: String { text(separator: " ") }

  private func text(separator: String) -> String {
    let (name, unit) = Self.units.last { picoseconds >= $0.1 && $0.0 != "µs" } ?? Self.units[0]
    return "\(shortest((picoseconds / unit * 1e6).rounded() / 1e6))\(separator)\(name)"
  }
}

/// A number without ".0".
private func shortest(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}
