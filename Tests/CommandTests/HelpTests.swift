import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
  /// The commands that have a help text: the program itself, and all that it lists.
  private static let commands: [[String]] =
    [[]]
    + [
      "train", "benchmark", "sample", "merge", "mix", "reweight", "evaluate", "analyze",
      "report", "export", "simulate", "build", "energy", "image", "inspect", "settings", "doctor",
      "selftest",
    ].map { [$0] }
    + ["train", "sample", "evaluate", "encode", "decode", "denoise"].map { ["image", $0] }

  /// `TARFLOW_TEST_WRITE=help` writes the texts in place of comparing with them.
  private static let writes = ProcessInfo.processInfo.environment["TARFLOW_TEST_WRITE"] == "help"

  /// The help of a command on a terminal of 80 columns.
  private func help(_ command: [String]) throws -> String {
    let outcome = try Child(command + ["--help"], environment: ["COLUMNS": "80"]).outcome()
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    return outcome.output
  }

  @Test(arguments: commands)
  func `the help of every command is the text in Golden`(command: [String]) throws {
    let name = command.isEmpty ? "tarflow-mol" : command.joined(separator: "-")
    let file = goldenFolder.appending(path: "help/\(name).txt")
    let found = try help(command)
    if Self.writes { try Data(found.utf8).write(to: file) }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(
      found == expected,
      "regenerate with TARFLOW_TEST_WRITE=help swift test --disable-xctest --filter HelpTests")
  }

  @Test(arguments: [[], ["image"]])
  func `no command is without a text`(group: [String]) throws {
    let lines = try help(group).split(separator: "\n")
    let heading = try #require(lines.firstIndex(of: "SUBCOMMANDS:"))
    let listed = lines[(heading + 1)...].compactMap { $0.firstMatch(of: /^  ([a-z]+)/)?.1 }
    let known = Self.commands.filter { $0.count == group.count + 1 && $0.starts(with: group) }
    #expect(listed.map(String.init) == known.compactMap(\.last))
  }

  @Test func `the root names every exit code and the version`() throws {
    let words = try help([]).split(whereSeparator: \.isWhitespace)
    for code in [0, 64, 65, 66, 69, 70, 73, 74, 75, 78] { #expect(words.contains("\(code)")) }
    #expect(try tarflowMol("--version").output == "0.1.0\n")
  }

  @Test(arguments: [
    ["train"], ["training", "AL3"], ["train", "AL3", "--resume", "x"],
    ["train", "AL3", "--max-hours", "0"], ["train", "AL3", "--threads", "0"],
    ["train", "AL3", "--seed", "-1"], ["sample", "x", "-n", "0"], ["evaluate"],
    ["evaluate", "--samples", "y", "--system", "AL3"], ["evaluate", "x", "--samples", "y"],
    ["reweight", "x", "--clip", "1"],
    ["export", "x", "--bins", "0"], ["energy", "--csv"],
    ["energy", "--trajectory", "x", "--system", "AL3", "--csv", "--json"], ["inspect"],
    ["simulate"], ["simulate", "AL2"], ["train", "AL2", "--steps", "5"],
    ["train", "AL2", "--from", "energy", "--training", "x.nc"],
    ["train", "AL2", "--from", "energy", "--simulate", "1ns"], ["benchmark"],
    ["benchmark", "AL3", "--seeds", "0"], ["benchmark", "AL3", "--proposals", "0"],
    ["benchmark", "AL3", "--max-hours", "0"],
  ])
  func `wrong usage is 64 with the usage on stderr`(arguments: [String]) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("--help"))
  }
}
