import Foundation
import TestSupport
import Testing

/// Whether `.ci/sanitize` runs the tests.
private let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
  ProcessInfo.processInfo.environment[$0] != nil
}

/// What comes from outside, numbers, names, files and links, does not cross its bounds.
@Suite struct TrustTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func refusal(
    _ arguments: [String], _ status: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    return outcome.errors
  }

  @Test(arguments: [
    (["export", "run", "--bins", "99999999999"], "--bins is 99999999999, expected 1 to 1000000"),
    (
      ["export", "run", "--bins", "9223372036854775807"],
      "--bins is 9223372036854775807, expected 1 to 1000000"
    ),
    (["export", "run", "--models", "0"], "--models is 0, expected 1 to 1000000"),
    (
      ["reweight", "run", "--temperature", "1e300"],
      "--temperature is 1e+300, expected 0.001 to 100000"
    ),
    (
      ["analyze", "run", "--temperature", "1e-300"],
      "--temperature is 1e-300, expected 0.001 to 100000"
    ),
    (["analyze", "run", "--temperature", "nan"], "--temperature is nan, expected 0.001 to 100000"),
    (["reweight", "run", "--clip", "1"], "--clip is 1.0, expected 0 to below 1"),
    (["evaluate", "run", "--torus-points", "1000000"], "is 1000000, expected 0 to 20000"),
    (["evaluate", "run", "--count=-3"], "--count is -3, expected 1 to 1000000000"),
    (["evaluate", "run", "--proposals", "0"], "--proposals is 0, expected 1 to 1000000000000"),
    (["sample", "run", "-n", "0"], "-n is 0, expected 1 to 1000000000000"),
    (["sample", "run", "--prior-scale", "inf"], "--prior-scale is inf, expected 0.5 to 2"),
    (
      ["sample", "run", "--smc", "--sbg", "1e-5", "--energy-cutoff", "nan"],
      "--energy-cutoff is nan, expected -1000000000 to 1000000000"
    ),
    (
      ["train", "AL3", "--max-hours", "inf"], "--max-hours is inf, expected above 0, up to 1000000"
    ),
    (["train", "AL3", "--threads", "0"], "--threads is 0, expected 1 to 4096"),
    (["train", "AL3", "--threads", "9223372036854775807"], "expected 1 to 4096"),
    (["build", "Ace-A-Nme", "--salt", "inf", "--output", "x"], "--salt is inf, expected 0 to 100"),
    (["image", "sample", "run", "--segment", "9223372036854775807"], "expected 1 to 1000000"),
    (
      ["simulate", "AL2", "--time", "2ps", "--temperature", "1e-300"],
      "--temperature is 1e-300, expected 0.001 to 100000"
    ),
  ])
  func `a number outside its range is 64, with the range`(
    arguments: [String], problem: String
  ) throws {
    let errors = try refusal(arguments, 64)
    #expect(errors.contains(problem), "\(errors)")
  }

  @Test(arguments: [
    (["--timestep", "1e-300fs"], "the time step is"),
    (["--exchange-every", "1e30us"], "exchanges"),
    (["--save-every", "1e-300fs"], "the time between frames is"),
    (["--time", "9223372036854775807us"], "at most 1 ms"),
    (["--hydrogen-mass", "inf"], "1 to 100"),
    (["--chains", "9223372036854775807"], "expected 1 to 100000"),
  ])
  func `a simulation's number outside its range is 78`(more: [String], problem: String) throws {
    let output = try temporaryFolder().appending(path: "run")
    let errors = try refusal(
      ["simulate", "AL2", "--systems", systemsFolder.path, "--output", output.path]
        + (more[0] == "--time" ? [] : ["--time", "2ps"]) + more, 78)
    #expect(errors.contains(problem), "\(errors)")
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `a system's name does not lead out of the folder of runs`() throws {
    let system = try alanineSystem()
    try edit(system.appending(path: "system.yaml"), replacing: "name: AL3", with: "name: ../../x")
    let errors = try refusal(
      ["simulate", system.path, "--time", "2ps", "--set", "chains=1"], 78)
    #expect(errors.contains("system.yaml: name is '../../x', expected 1 to 100 characters"))
  }

  @Test func `what another file holds is not shown`() throws {
    let system = try alanineSystem()
    let secret = try temporaryFolder().appending(path: "secret")
    try Data("root:x:hunter2:0\nhunter2\nkey: [hunter2\n".utf8).write(to: secret)
    try edit(
      system.appending(path: "system.yaml"), replacing: "topology: topology.prmtop",
      with: "topology: \(secret.path)")
    let topology = try refusal(
      [
        "energy", "--system", system.path, "--trajectory",
        systemsFolder.appending(path: "AL3/reference.nc").path,
      ], 65)
    let settings = try refusal(tiny.arguments(output: secret) + ["--config", secret.path], 78)
    let start = try refusal(
      [
        "simulate", "AL3", "--systems", systemsFolder.path, "--time", "2ps", "--start", secret.path,
        "--output", secret.path + "-run",
      ], 65)
    for errors in [topology, settings, start] {
      #expect(errors.contains(secret.path) && !errors.contains("hunter2"), "\(errors)")
    }
  }

  @Test func `control characters of a file do not reach the terminal`() throws {
    let file = try temporaryFolder().appending(path: "settings.yaml")
    try Data("\"\\e]0;title\\a\\e[31mred\": 1\n".utf8).write(to: file)
    let errors = try refusal(
      tiny.arguments(output: file.appending(path: "x"), "--config", file.path), 78)
    #expect(errors.contains("unknown key '\u{FFFD}]0;title\u{FFFD}\u{FFFD}[31mred'"), "\(errors)")
    #expect(!errors.utf8.contains(0x1B) && !errors.utf8.contains(0x07))
  }

  @Test func `samples and weights of two draws are refused together`() throws {
    let (run, other) = (try tiny.copy(), try temporaryFolder())
    let drawn = try tarflowMol(
      "sample", run.path, "-n", "64", "--seed", "7", "--output", other.path)
    #expect(drawn.status == 0, "\(drawn.errors)")
    try FileManager.default.removeItem(at: run.appending(path: "samples.nc"))
    try FileManager.default.copyItem(
      at: other.appending(path: "samples.nc"), to: run.appending(path: "samples.nc"))
    let before = try run.bytes("weights.csv")
    for command in ["evaluate", "reweight", "analyze", "report", "export"] {
      let errors = try refusal([command, run.path], 65)
      #expect(errors.contains("weights.csv: line 2: reduced_energy is "), "\(errors)")
    }
    #expect(try run.bytes("weights.csv") == before)
  }

  @Test func `a record that was edited after the training began is noticed`() throws {
    let run = try tiny.copy()
    let record = run.appending(path: "config.resolved.yaml")
    for (old, new, problem) in [
      ("  batch: 32\n", "  batch: 16\n", "training.batch is 16, but the run was trained with 32"),
      ("  seed: 1\n", "  seed: 2\n", "seed is 2, but the run was trained with 1"),
    ] {
      try edit(record, replacing: old, with: new)
      let errors = try refusal(["train", "--resume", run.path, "--steps", "9", "--quiet"], 78)
      #expect(
        errors.contains("\(record.path): \(problem) up to step 6; restore it, or start a new run"),
        "\(errors)")
      try edit(record, replacing: new, with: old)
    }
  }

  @Test func `links in a run do not lead out of it`() throws {
    let run = try tiny.copy()
    let victim = try temporaryFolder().appending(path: "victim")
    try Data("mine".utf8).write(to: victim)
    let files = FileManager.default
    for name in ["weights.csv", "lock"] {
      let path = run.appending(path: name)
      try? files.removeItem(at: path)
      try files.createSymbolicLink(at: path, withDestinationURL: victim)
      let errors = try refusal(
        ["sample", run.path, "-n", "8", "--seed", "3", "--overwrite", "--quiet"], 74)
      #expect(errors.contains("it is a symbolic link"), "\(errors)")
      #expect(try String(contentsOf: victim, encoding: .utf8) == "mine")
      try files.removeItem(at: path)
    }
  }

  /// Sanitizers reserve terabytes of addresses, which the limit does not give them.
  @Test(.enabled(if: !isSanitized, "ulimit -v stops a sanitizer"))
  func `memory that is not there is not asked for`() throws {
    let child = try Child(
      [
        "-c", "ulimit -v 3000000; exec \"$0\" sample \"$1\" -n 100000000", program.path,
        tiny.complete.path,
      ], executable: URL(fileURLWithPath: "/bin/sh"))
    let outcome = try child.outcome()
    #expect(outcome.status == 78, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "Error: 100000000 samples: need about 10 GB of memory, the limit of the process (ulimit -v) "
          + "has 3.1; draw them in several calls\n"), "\(outcome.errors)")
  }
}
