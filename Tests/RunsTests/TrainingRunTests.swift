import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

private struct Record: TrainingRecord {
  var program = "tarflow-mol 1.2.3"
  var arithmetic = Arithmetic(kernel: "Haswell", precision: .fp32)
  var precision = Precision.fp32
  var seed: UInt64 = 7
  var trained: RecordedSettings { .none }
  var inputs: [InputFile] = []

  static let name = (record: "tiny record", writer: "a test")
}

@Suite struct TrainingRunTests {
  private struct Stop: Error {}

  @Test func `a record is read as it was written`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/record.yaml"
      #expect(
        throws: RunError.missing(what: "tiny record", path: path, advice: "`a test` writes it")
      ) { try Record.read(path: path) }
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/x"))
      var record = Record()
      record.inputs = [try InputFile(path: "\(folder)/x")]
      try record.write(path: path)
      #expect(try Record.read(path: path) == record)
      // Keys stand as they are declared.
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let keys = text.split(separator: "\n").compactMap { $0.firstMatch(of: /^[a-z]+/)?.0 }
      #expect(keys == ["program", "arithmetic", "precision", "seed", "inputs"])
      try Data(text.replacing("seed: 7", with: "").utf8).write(to: URL(fileURLWithPath: path))
      #expect(
        throws: RunError.badData(
          path: path, problem: "is no tiny record: the key 'seed' is missing")
      ) { try Record.read(path: path) }
    }
  }

  @Test func `a run works in its locked folder, its record written before`() throws {
    try withTemporaryFolder { parent in
      let (path, log) = ("\(parent)/run", CapturedLog())
      let run = TrainingRun(beginning: Record())
      let result = try run.inFolder(path, kernel: "Haswell", context: log.context(workers: 3)) {
        folder in
        #expect(folder.path == path)
        let written = try Record.read(path: folder.record)
        #expect(written == run.record)
        #expect(throws: RunError.self) { try withLock(on: path) {} }
        return 5
      }
      #expect(result == 5)
      try withLock(on: path) {}
      #expect(
        log.messages == [
          "info: run folder \(path), "
            + run.record.arithmetic.description(precision: .fp32) + ", 3 threads, seed 7"
        ])
      #expect(throws: RunError.exists(path: path, advice: "choose another folder")) {
        try run.inFolder(path, kernel: "Haswell", context: log.context()) { _ in }
      }
    }
  }

  @Test func `a run goes on in its folder and asks for no other`() throws {
    try withTemporaryFolder { parent in
      let (path, log) = ("\(parent)/run", CapturedLog())
      #expect(throws: Stop.self) {
        try TrainingRun(beginning: Record())
          .inFolder(path, kernel: "Haswell", context: log.context()) { _ in throw Stop() }
      }
      let again = try TrainingRun<Record>(
        resuming: RunFolder(existing: path), kernel: "Haswell", context: log.context())
      #expect(again.record == Record())
      let found = try again.inFolder(
        "never", kernel: "Haswell", context: log.context()
      ) { $0.path }
      #expect(found == path)
      #expect(log.messages.allSatisfy { $0.hasPrefix("info: ") })
    }
  }

  @Test func `a run whose inputs or arithmetic changed says so`() throws {
    try withTemporaryFolder { parent in
      let input = "\(parent)/input"
      try Data("x".utf8).write(to: URL(fileURLWithPath: input))
      var record = Record()
      record.inputs = [try InputFile(path: input)]
      let folder = try RunFolder.create("\(parent)/run")
      try record.write(path: folder.record)
      let log = CapturedLog()
      _ = try TrainingRun<Record>(resuming: folder, kernel: "SkylakeX", context: log.context())
      #expect(
        log.messages == [
          "warning: the run began with the BLAS kernel Haswell, this is SkylakeX: last digits can "
            + "differ; set OPENBLAS_CORETYPE=Haswell to go on exactly"
        ])
      try Data("y".utf8).write(to: URL(fileURLWithPath: input))
      #expect(throws: RunError.self) {
        try TrainingRun<Record>(resuming: folder, kernel: "Haswell", context: log.context())
      }
    }
  }

  @Test func `arithmetic is said for people`() throws {
    let text = Arithmetic(kernel: "Haswell", precision: .fp32).description(precision: .fp32)
    let unit = MatrixUnit.best(for: .fp32)?.rawValue ?? "BLAS"
    #expect(text == "BLAS kernel Haswell, products in fp32 (\(unit))")
  }
}
