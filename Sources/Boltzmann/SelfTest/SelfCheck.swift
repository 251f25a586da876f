import Foundation

/// One check of the program on a machine: what was measured, and its bound.
package struct SelfCheck: Codable, Equatable, Sendable {
  /// The group that it belongs to, a word.
  package let group: String
  /// What was compared.
  package let name: String
  /// The largest deviation; infinite where nothing could be measured.
  package let deviation: Double
  package let bound: Double
  /// Of deviation and bound; empty for shares.
  package let unit: String
  /// Why nothing could be measured, in words.
  package let problem: String?

  /// Never so for a deviation that is not a number.
  package var passed: Bool { deviation <= bound }

  /// Measures; what is thrown is the check's problem.
  package init(
    _ group: String, _ name: String, bound: Double, unit: String = "",
    measure: () throws -> Double
  ) {
    (self.group, self.name, self.bound, self.unit) = (group, name, bound, unit)
    do {
      deviation = try measure()
      problem = nil
    } catch {
      deviation = .infinity
      problem = "\(error)"
    }
  }

  /// The check in a line without its end, such as
  /// "ok     energies of AL3: 3.1e-05 of at most 0.002 kJ/mol".
  package var line: String {
    func text(_ value: Double) -> String { String(format: "%.2g", value) }
    let measured =
      problem ?? "\(text(deviation)) of at most \(text(bound))\(unit.isEmpty ? "" : " " + unit)"
    return "\(passed ? "ok    " : "FAILED") \(name): \(measured)"
  }
}

/// How many checks of a self-test failed, in a line.
package func selfTestSummary(_ checks: [SelfCheck]) -> String {
  let failed = checks.filter { !$0.passed }
  if failed.isEmpty { return "all \(checks.count) checks passed" }
  return "\(failed.count) of \(checks.count) checks failed: "
    + failed.map(\.name).joined(separator: ", ")
}

/// A self-test that failed.
package struct SelfTestError: Error, Equatable, Sendable, CustomStringConvertible {
  package let checks: [SelfCheck]

  package init(checks: [SelfCheck]) { self.checks = checks }

  package var description: String {
    selfTestSummary(checks)
      + "; do not trust results of this machine, and report it with the output of doctor"
  }
}

/// The largest difference of two arrays; infinite where they differ in length or hold what is no
/// number in different places.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { worst, pair in
    if pair.0 == pair.1 || pair.0.isNaN && pair.1.isNaN { return worst }
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}

/// How many elements of two arrays have other bits; infinite where they differ in length.
func differingBits(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  return Double(zip(a, b).count { $0.bitPattern != $1.bitPattern })
}
