import Foundation
import TestSupport
import Testing

/// What every command has in common: names, signals, and words for what goes wrong.
@Suite struct CommandLineTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  @Test(arguments: [
    (["trian", "AL3"], "there is no command 'trian'; did you mean 'train'?"),
    (["image", "smaple"], "there is no command 'smaple'; did you mean 'sample'?"),
    (["frobnicate"], "there is no command 'frobnicate'; known: train, benchmark"),
  ])
  func `a mistyped command suggests the nearest`(arguments: [String], fragment: String) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains(fragment), "\(outcome.errors)")
    #expect(outcome.errors.contains("--help"))
  }

  @Test(arguments: [["sample"], ["evaluate"], ["image", "sample"], ["image", "evaluate"]])
  func `-n, --count and the former --number are one`(command: [String]) throws {
    for name in ["-n", "--count", "--number"] {
      let outcome = try Child(command + ["/nowhere", name, "5"]).outcome()
      #expect(outcome.status == 66, "\(outcome.errors)")
      let refused = try Child(command + ["/nowhere", name, "0"]).outcome()
      #expect(refused.status == 64, "\(refused.errors)")
      #expect(refused.errors.contains(" is 0, expected "), "\(refused.errors)")
    }
    let help = try Child(command + ["--help"]).outcome().output
    #expect(help.contains("-n, --count <count>") && !help.contains("--number"))
  }

  @Test(arguments: [
    (
      ["inspect", "AL3"], "only train, simulate, sample, evaluate and image train share their work"
    ),
    (
      ["train", "AL3"], "was built without MPI; build it with: swift build -c release --traits MPI"
    ),
  ])
  func `several processes that know nothing of each other are refused`(
    arguments: [String], reason: String
  ) throws {
    for name in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] {
      let outcome = try Child(arguments, environment: [name: "4"]).outcome()
      #expect(outcome.status == 64 && outcome.output.isEmpty)
      #expect(
        outcome.errors.contains("4 processes were started") && outcome.errors.contains(reason))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends a command that has nothing to save with one line and no folder`(
    signal: Int32
  ) throws {
    let run = try tiny.copy()
    let output = try temporaryFolder().appending(path: "drawn")
    let child = try Child(["sample", run.path, "-n", "1000000", "--output", output.path])
    // It is written before the first sample is drawn.
    try child.wait(for: run.appending(path: "drawn.json"))
    child.signal(signal)
    let outcome = try child.outcome()
    #expect(outcome.status == 128 + signal)
    #expect(
      outcome.errors == "Error: stopped (a signal); what was not finished is not kept\n",
      "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `a signal ends evaluate, and the run stays as it was`() throws {
    let run = try tiny.copy()
    let figures = try run.bytes("evaluation.json")
    let child = try Child(["evaluate", run.path, "--proposals", "1000000"])
    try child.wait(for: "the lock", in: run) {
      try String(contentsOf: run.appending(path: "lock"), encoding: .utf8)
        == "\(child.process.processIdentifier)\n"
    }
    child.signal(SIGINT)
    let outcome = try child.outcome()
    #expect(outcome.status == 128 + SIGINT)
    #expect(outcome.errorLines == ["Error: stopped (a signal); what was not finished is not kept"])
    #expect(try run.bytes("evaluation.json") == figures)
    #expect(try tarflowMol("evaluate", run.path).status == 0)
  }

  /// Outputs below a file, inputs that are folders, and inputs that are not there.
  @Test func `no command shows the domain and number of an error`() throws {
    let folder = try temporaryFolder()
    let file = folder.appending(path: "file")
    try Data("x".utf8).write(to: file)
    let (run, below) = (tiny.complete.path, file.path + "/below")
    let commands: [[String]] = [
      tiny.arguments(output: URL(fileURLWithPath: below)),
      ["benchmark", "AL3", "--systems", systemsFolder.path, "--output", below],
      ["sample", run, "-n", "4", "--output", below], ["reweight", below],
      ["reweight", run, "--temperature", "330", "--output", below],
      ["evaluate", below], ["evaluate", run, "--reference", folder.path],
      ["analyze", below], ["analyze", run, "--surfaces", below],
      ["report", run, "--output", below + ".html"], ["report", below],
      ["export", run, "--to", below], ["export", run, "--output", below],
      ["simulate", "AL2", "--systems", systemsFolder.path, "--time", "1ps", "--output", below],
      ["build", "AA", "--output", below], ["build", "--from", folder.path, "--output", below],
      ["energy", "--system", "AL3", "--structure", folder.path, "--systems", systemsFolder.path],
      ["energy", "--system", below, "--structure", file.path],
      ["inspect", below], ["inspect", folder.path], ["doctor", "--systems", below],
      ["settings", "--of", "nothing"], ["image", "train", below], ["image", "sample", below],
      ["image", "evaluate", folder.path],
    ]
    for command in commands {
      let outcome = try Child(command).outcome()
      #expect(!outcome.errors.contains("Cocoa") && !outcome.errors.contains("Code="))
      #expect(!outcome.errors.contains("Domain"), "\(command): \(outcome.errors)")
      guard command[0] != "doctor" else { continue }
      #expect(outcome.status != 0 && outcome.status != 70, "\(command): \(outcome.errors)")
      #expect(outcome.errorLines.count == 1, "\(command): \(outcome.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  @Test func `a start that failed does not block the next`() throws {
    let output = try temporaryFolder().appending(path: "run")
    let steps = ["--set", "flow.width=33"]
    #expect(try Child(tiny.arguments(output: output) + steps).outcome().status == 78)
    #expect(try Child(["build", "AXA", "--output", output.path]).outcome().status == 65)
    #expect(
      try Child(["sample", "/nowhere", "--output", output.path]).outcome().status == 66)
    #expect(try Child(tiny.arguments(output: output)).outcome().status == 0)
  }
}
