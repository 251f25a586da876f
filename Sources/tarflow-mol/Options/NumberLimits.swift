import ArgumentParser
import Runs

/// Checks a number of the command line, in the words that settings are refused with.
/// - Throws: `ValidationError` with the option, the value and what is expected.
func check(_ option: String, _ value: Double?, _ limits: Setting.Limits) throws {
  guard let value, !limits.contains(value) else { return }
  throw ValidationError("\(option) is \(value), expected \(limits)")
}

/// Checks a whole number of the command line.
/// - Throws: `ValidationError` with the option, the value and what is expected.
func check(_ option: String, _ value: Int?, _ limits: Setting.Limits) throws {
  guard let value, !limits.contains(Double(value)) else { return }
  throw ValidationError("\(option) is \(value), expected \(limits)")
}

extension Setting.Limits {
  /// Those of options that several commands have.
  static let threads = between(1, 4_096)
  static let hours = aboveUpTo(0, 1e6)
  static let proposals = between(1, 1e12)
  static let bins = between(1, 1e6)
}
