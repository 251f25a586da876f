import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Reporting

struct SelfTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Check in a minute that the program computes on this machine what it should.",
    discussion: """
      Each line has a check, the largest deviation that was measured, and its bound: energies of \
      the embedded systems against stored ones, forces against differences, kinds of vector lanes \
      against each other, BLAS and the matrix units against sums in double precision, a flow's \
      inverse, the same bits for any number of workers, files written and read, and a training \
      killed and resumed, all in a temporary folder (TMPDIR). The exit code is 70 if a check failed.
      """)

  @Argument(
    help: ArgumentHelp(
      "Only these groups: \(SelfTest.groups.joined(separator: ", ")).", valueName: "group"))
  var groups: [String] = []

  @Flag(help: "Print JSON: every check, once all are done.")
  var json = false

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let unknown = groups.first(where: { !SelfTest.groups.contains($0) }) {
      throw ValidationError(
        "there is no group of checks '\(unknown)', only \(SelfTest.groups.joined(separator: ", "))")
    }
  }

  func run() throws {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let test = SelfTest(
      groups: groups, systems: systems.systems, program: program, workers: shared.execution.workers)
    let start = ContinuousClock.now
    let checks = try test.run { check in
      if !json { try printResult(check.line + "\n") }
    }
    if json { try printResult(try jsonText(checks)) }
    guard checks.allSatisfy(\.passed) else { throw SelfTestError(checks: checks) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if !json {
      try printResult("\(selfTestSummary(checks)) in \(durationText(seconds: seconds))\n")
    }
  }
}
