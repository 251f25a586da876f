import Foundation

/// A place on an axis with its label.
package struct Tick: Equatable, Sendable {
  package let value: Double
  package let label: String
}

/// Round numbers from low to high, about so many, 1, 2 or 5 times a power of ten apart; or the
/// multiples of a given step.
///
/// The labels have as many decimals as tell them apart, and a true minus sign (`TickTests`).
package func linearTicks(
  from low: Double, to high: Double, about count: Int = 5, step: Double? = nil
) -> [Tick] {
  guard high > low, low.isFinite, high.isFinite else { return [] }
  let step = step ?? roundStep((high - low) / Double(max(1, count)))
  let slack = 1e-9 * (high - low)
  let (first, last) = (((low - slack) / step).rounded(.up), ((high + slack) / step).rounded(.down))
  guard last >= first, last - first < 100 else { return [] }
  let decimals = min(12, max(0, Int((-log10(step) - 1e-9).rounded(.up))))
  let isHuge = max(abs(low), abs(high)) >= 1e6 || step < 1e-4
  return (0...Int(last - first)).map { index in
    let value = (first + Double(index)) * step
    return Tick(value: value, label: isHuge ? short(value) : signed(value.fixed(decimals)))
  }
}

/// Powers of ten from low to high, each, or every second or third where there are many; 2 and 5
/// times them where there are fewer than two.
package func logarithmicTicks(
  from low: Double, to high: Double, about count: Int = 6
) -> [Tick] {
  guard low > 0, high > low, high.isFinite else { return [] }
  let (first, last) = (
    Int(log10(low * (1 - 1e-9)).rounded(.up)), Int(log10(high * (1 + 1e-9)).rounded(.down))
  )
  if last - first < 1 {
    let decades: [Double] = (first - 1...max(first, last)).map { pow(10, Double($0)) }
    let fine: [Double] = decades.flatMap { [$0, 2 * $0, 5 * $0] }
    let ticks = fine.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) }
    return ticks.count > 1
      ? ticks.map { Tick(value: $0, label: short($0)) } : linearTicks(from: low, to: high, about: 4)
  }
  let stride = max(1, Int((Double(last - first + 1) / Double(count)).rounded(.up)))
  return (first...last).filter { ($0 - first) % stride == 0 }.map { decade in
    let value = pow(10, Double(decade))
    return Tick(value: value, label: (-3...3).contains(decade) ? short(value) : power(decade))
  }
}

extension PlacedAxis {
  func ticks(about count: Int, step: Double? = nil) -> [Tick] {
    switch scale {
    case .linear: linearTicks(from: low, to: high, about: count, step: step)
    case .logarithmic: logarithmicTicks(from: low, to: high, about: count)
    }
  }
}

/// 1, 2 or 5 times a power of ten: the smallest that is no less, or the next smaller one that is
/// nearly as much.
private func roundStep(_ wanted: Double) -> Double {
  let power = pow(10, log10(wanted).rounded(.down))
  return (([1, 2, 5, 10].first { 1.3 * $0 * power >= wanted }) ?? 10) * power
}

/// A number in a few characters: three digits at most, and a true minus sign.
package func short(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "−∞" }
  let size = abs(value)
  if size >= 1e6 || (size < 1e-3 && size > 0) {
    let decade = Int(log10(size).rounded(.down))
    let factor = (value / pow(10, Double(decade))).fixed(1)
    let digits = factor.hasSuffix(".0") ? String(factor.dropLast(2)) : factor
    return digits == "1" ? power(decade) : "\(signed(digits))·\(power(decade))"
  }
  return signed(String(format: "%.4g", value))
}

/// "10⁻⁵".
private func power(_ decade: Int) -> String {
  let digits: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]
  return "10" + String("\(decade)".map { digits[$0] ?? $0 })
}

/// A number's text with a true minus sign, and none before a zero.
func signed(_ text: String) -> String {
  guard text.hasPrefix("-") else { return text }
  let rest = text.dropFirst()
  return rest.contains { ("1"..."9").contains($0) } ? "−" + rest : String(rest)
}

func logarithm(_ value: Double) -> Double { log10(value) }
