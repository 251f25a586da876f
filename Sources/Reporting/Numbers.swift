import Foundation

extension Double {
  /// The number with a fixed count of decimals and a point in every locale; what is no number is
  /// "nan", whatever its sign.
  package func fixed(_ decimals: Int) -> String {
    isNaN ? "nan" : String(format: "%.\(decimals)f", self)
  }
}

/// A number with a true minus sign.
package func signedText(_ value: Double, _ decimals: Int) -> String {
  (value < 0 ? "−" : "") + abs(value).fixed(decimals)
}

/// A share as a percentage with as many digits as it deserves.
package func percentText(_ share: Double) -> String {
  let percent = 100 * share
  let decimals = percent >= 10 ? 1 : percent >= 0.1 || percent == 0 ? 2 : 3
  return "\(percent.fixed(decimals)) %"
}

/// A duration for people: "12 s", "3 min 20 s", "1 h 5 min"; "unknown" where it is no number.
package func durationText(seconds: Double) -> String {
  guard let whole = Int(exactly: seconds.rounded()) else { return "unknown" }
  if whole >= 3_600 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
  return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
}

extension Int {
  /// The number with a comma after every third digit: "10,000".
  package var grouped: String {
    let digits = Array("\(magnitude)")
    let text = digits.enumerated().map { index, digit in
      index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }.joined()
    return (self < 0 ? "−" : "") + text
  }

  /// The number and a noun, which gets an s where there is not one: "1 thread", "2 threads".
  package func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
