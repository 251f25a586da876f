import Foundation
import Testing

extension Child {
  /// Waits until a training has written so many rows of `metrics.csv`.
  func waitForRows(_ rows: Int, of run: URL) throws {
    let file = run.appending(path: "metrics.csv")
    try wait(for: "\(rows) rows of metrics", in: run) {
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      // The header ends with a line break, too.
      return text.count { $0 == "\n" } > rows
    }
  }
}

/// A run's files depend on its inputs, its settings and its seed alone.
@Suite struct DeterminismTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private static let results = [
    "samples.nc", "weights.csv", "checkpoints/best.safetensors", "evaluation.json",
    "histograms.csv",
  ]

  /// metrics.csv without its last columns, the speed and the time.
  private func metrics(_ run: URL) throws -> [[Substring]] {
    let text = try String(contentsOf: run.appending(path: "metrics.csv"), encoding: .utf8)
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2)
    }
  }

  private func expectEqual(
    _ a: URL, _ b: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for name in Self.results {
      #expect(
        try a.bytes(name) == b.bytes(name), "\(name) differs", sourceLocation: sourceLocation)
    }
    #expect(try metrics(a) == metrics(b), sourceLocation: sourceLocation)
  }

  private func newFolder() throws -> URL { try temporaryFolder().appending(path: "run") }

  private func resume(_ run: URL, _ more: String...) throws -> Outcome {
    try Child(["train", "--resume", run.path] + more).outcome()
  }

  @Test func `the number of threads changes nothing, another seed everything`() throws {
    for threads in ["1", "3"] {
      let run = try newFolder()
      #expect(try Child(tiny.arguments(output: run, "--threads", threads)).outcome().status == 0)
      try expectEqual(run, tiny.complete)
    }
    let other = try newFolder()
    #expect(try Child(tiny.arguments(output: other, "--seed", "2")).outcome().status == 0)
    for name in ["samples.nc", "weights.csv", "checkpoints/best.safetensors"] {
      #expect(try other.bytes(name) != tiny.complete.bytes(name))
    }
  }

  /// Stops a training once it has written so many rows of metrics; checkpoints fall between
  /// validations.
  private func stopped(
    by signal: Int32, afterRows rows: Int, _ arguments: [String], run: URL
  ) throws -> Outcome {
    let child = try Child(arguments)
    try child.waitForRows(rows, of: run)
    child.signal(signal)
    return try child.outcome()
  }

  @Test func `a run that is stopped or killed and resumed equals the uninterrupted one`() throws {
    let long = ["--set", "training.steps=24", "--set", "training.checkpoint_every=5"]
    let whole = try newFolder()
    #expect(try Child(tiny.arguments(output: whole) + long).outcome().status == 0)
    for (signal, status) in [(SIGTERM, Int32(75)), (SIGUSR1, 75), (SIGINT, 75), (SIGKILL, 128 + 9)]
    {
      let run = try newFolder()
      let arguments = tiny.arguments(output: run) + long
      let outcome = try stopped(by: signal, afterRows: 2, arguments, run: run)
      #expect(outcome.status == status, "\(outcome.errors)")
      if signal != SIGKILL {
        #expect(outcome.errors.contains("continue with: tarflow-mol train --resume \(run.path)"))
      }
      #expect(!FileManager.default.fileExists(atPath: run.appending(path: "samples.nc").path))
      #expect(try resume(run).status == 0)
      try expectEqual(run, whole)
    }
  }

  @Test func `a signal after the training ends a run at once, which can be resumed`() throws {
    let run = try newFolder()
    let child = try Child(tiny.arguments(output: run) + ["--set", "sampling.count=200000"])
    // The last words of the training; a signal that comes before the sampling waits for it.
    try child.wait(forMessage: "best validation NLL")
    child.signal(SIGTERM)
    let outcome = try child.outcome()
    #expect(outcome.status == 75)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("continue with: tarflow-mol train --resume \(run.path)"))
    #expect(!FileManager.default.fileExists(atPath: run.appending(path: "samples.nc").path))
    #expect(
      try run.bytes("checkpoints/best.safetensors")
        == tiny.complete.bytes("checkpoints/best.safetensors"))
  }

  @Test func `a signal stops a training whose molecule is built first`() throws {
    let run = try newFolder()
    let child = try Child([
      "train", "--sequence", "Ace-A-Nme", "--simulate", "20ns", "--output", run.path,
      "--max-hours", "0.03",
    ])
    try child.wait(for: run.appending(path: "simulation/simulation.yaml"))
    child.signal(SIGTERM)
    let outcome = try child.outcome()
    #expect(outcome.status == 75)
    #expect(outcome.errors.contains("(a signal); continue with: tarflow-mol train --resume"))
  }

  @Test func `a group's signals at once still leave a checkpoint`() throws {
    let run = try newFolder()
    let child = try Child(tiny.arguments(output: run) + ["--set", "training.steps=100000"])
    try child.waitForRows(1, of: run)
    // As `timeout` and schedulers send them; Ctrl-C reaches the whole group of processes as well.
    for signal in [SIGINT, SIGTERM, SIGUSR1, SIGINT] { child.signal(signal) }
    #expect(try child.outcome().status == 75)
  }

  @Test func `the time limit stops a run, which can be resumed`() throws {
    let run = try newFolder()
    let outcome = try Child(tiny.arguments(output: run, "--max-hours", "0.00001")).outcome()
    #expect(outcome.status == 75)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("(the time limit)"))
    #expect(try resume(run, "--max-hours", "0.00001").status == 75)
    #expect(try resume(run).status == 0)
    try expectEqual(run, tiny.complete)
  }

  @Test func `a complete run that is resumed only samples and evaluates again`() throws {
    let run = try tiny.copy()
    for name in ["samples.nc", "weights.csv", "evaluation.json", "histograms.csv"] {
      try FileManager.default.removeItem(at: run.appending(path: name))
    }
    let outcome = try resume(run)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("resuming from step 6"))
    try expectEqual(run, tiny.complete)
    #expect(try run.bytes("metrics.csv") == tiny.complete.bytes("metrics.csv"))
  }

  @Test func `a run that goes on with other arithmetic than it began with says so`() throws {
    let run = try tiny.copy()
    let record = run.appending(path: "config.resolved.yaml")
    let text = try String(contentsOf: record, encoding: .utf8)
    #expect(try !resume(run).errors.contains("the run began with"))
    try text.replacing(/kernel: .*/, with: "kernel: Barcelona\n  unit: abacus")
      .replacing(/abacus\n  unit: .*/, with: "abacus").write(
        to: record, atomically: true, encoding: .utf8)
    let errors = try resume(run).errors
    #expect(errors.contains("warning: the run began with the BLAS kernel Barcelona, this is "))
    #expect(errors.contains("warning: the run began with products by abacus, these are by "))
  }

  @Test func `a damaged checkpoint gives way to the one before`() throws {
    let run = try tiny.copy()
    for (step, status) in [(6, Int32(0)), (4, 65)] {
      for damaged in (step...6).filter({ $0 % 2 == 0 }) {
        let path = run.appending(path: "checkpoints/step-\(damaged).safetensors")
        try Data(contentsOf: path).dropLast(100).write(to: path)
      }
      let outcome = try resume(run)
      #expect(outcome.status == status, "\(outcome.errors)")
      #expect(outcome.errors.contains("warning: "))
      #expect(outcome.errors.contains("the copy is incomplete"))
      if status == 0 { try expectEqual(run, tiny.complete) }
    }
  }

  @Test func `inputs that changed since the run began are 65`() throws {
    let run = try newFolder()
    let system = try alanineSystem()
    var arguments = tiny.arguments(output: run)
    arguments[1] = system.path
    #expect(try Child(arguments).outcome().status == 0)
    try edit(system.appending(path: "system.yaml"), replacing: ": 310 ", with: ": 311 ")
    // Their copies in the run are as they were.
    #expect(try Child(["reweight", run.path]).outcome().status == 0)
    try FileManager.default.removeItem(at: run.appending(path: "system"))
    for command in [["train", "--resume"], ["reweight"], ["evaluate"], ["export"]] {
      let outcome = try Child(command + [run.path]).outcome()
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("system.yaml: has changed since the run began"))
    }
  }

  @Test func `a second process on a run is refused`() throws {
    let run = try newFolder()
    let first = try Child(tiny.arguments(output: run) + ["--set", "training.steps=100000"])
    try first.wait(for: run.appending(path: "metrics.csv"))
    let second = try resume(run)
    #expect(second.status == 74)
    #expect(second.errors.contains("process \(first.process.processIdentifier) works on this run"))
    first.signal(SIGTERM)
    #expect(try first.outcome().status == 75)
  }
}
