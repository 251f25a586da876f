import ArgumentParser

/// A time of a molecule, as words on the command line: "10ns", "0.5 ps", "2fs", "1us".
struct PhysicalTime: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let picoseconds: Double

  private static let units = [("fs", 1e-3), ("ps", 1.0), ("ns", 1e3), ("us", 1e6), ("µs", 1e6)]

  init(picoseconds: Double) { self.picoseconds = picoseconds }

  init?(argument: String) {
    for (name, unit) in Self.units where argument.hasSuffix(name) {
      let number = argument.dropLast(name.count).trimmingPrefix(" ").filter { $0 != " " }
      guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
      // 2 · 1e-3 and not 0.002 / 1: the same digits as the text where they can be.
      picoseconds = unit < 1 ? value / (1 / unit) : value * unit
      return
    }
    return nil
  }

  var description: String {
    let (name, unit) = Self.units.last { picoseconds >= $0.1 && $0.0 != "µs" } ?? Self.units[0]
    return "\(shortest((picoseconds / unit * 1e6).rounded() / 1e6))\(name)"
  }

  var defaultValueDescription: String { description }
}

/// A number without ".0".
private func shortest(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}
