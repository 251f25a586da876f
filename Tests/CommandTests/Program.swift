import Foundation
import TestSupport

/// What a run of the program left behind.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// The lines on stderr that say what was wrong.
  var errorLines: [String] {
    errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("Error: ") }
  }
}

/// The program, beside the tests in the folder of the products.
let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  .deletingLastPathComponent().appending(path: "tarflow-mol")

/// A run of the program as a process of its own, its streams in files, so that neither waits for
/// us.
final class Child {
  let process = Process()
  private let streams: URL
  /// Hangs up when the process has ended.
  private let end: FileHandle

  init(
    _ arguments: [String], executable: URL = program, folder: URL? = nil,
    environment: [String: String] = [:], output: FileHandle? = nil, errors: FileHandle? = nil
  ) throws {
    streams = try temporaryFolder()
    for name in ["out", "err"] { try Data().write(to: streams.appending(path: name)) }
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput =
      try output ?? FileHandle(forWritingTo: streams.appending(path: "out"))
    process.standardError = try errors ?? FileHandle(forWritingTo: streams.appending(path: "err"))
    var pair: [Int32] = [0, 0]
    // Not a pipe: only this cannot be inherited by a child that another test starts meanwhile.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    precondition(socketpair(AF_UNIX, kind, 0, &pair) == 0, "no sockets")
    end = FileHandle(fileDescriptor: pair[0], closeOnDealloc: true)
    let running = pair[1]
    process.terminationHandler = { _ in close(running) }
    try process.run()
  }

  /// Runs the program with its messages on a terminal.
  convenience init(
    _ arguments: [String], on terminal: Terminal, environment: [String: String] = [:]
  ) throws {
    let usual = ["TERM": "xterm", "NO_COLOR": ""]
    try self.init(
      arguments, environment: usual.merging(environment) { $1 }, errors: terminal.writer)
    try terminal.writer.close()
  }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits until a file is there.
  func wait(for file: URL) throws {
    try waitForFile(file.path, orEnd: end.fileDescriptor)
  }

  /// Waits until something holds of a folder, which may come later, too.
  func wait(for what: String, in folder: URL, until condition: () throws -> Bool) throws {
    try wait(for: folder)
    try FolderWatch(folder.path).wait(
      for: what, orEnd: end.fileDescriptor, until: condition)
  }

  /// Waits until stderr, a file, holds a text.
  func wait(forMessage text: String) throws {
    try wait(for: "the message '\(text)'", in: streams) {
      try String(contentsOf: streams.appending(path: "err"), encoding: .utf8).contains(text)
    }
  }

  /// Waits for the end; a process ended by a signal has the status 128 plus its number.
  func outcome() throws -> Outcome {
    process.waitUntilExit()
    let signalled = process.terminationReason == .uncaughtSignal
    return Outcome(
      status: process.terminationStatus + (signalled ? 128 : 0),
      output: try String(contentsOf: streams.appending(path: "out"), encoding: .utf8),
      errors: try String(contentsOf: streams.appending(path: "err"), encoding: .utf8))
  }
}

/// Runs the program to its end.
func tarflowMol(
  _ arguments: String..., folder: URL? = nil, environment: [String: String] = [:]
) throws -> Outcome {
  try Child(arguments, folder: folder, environment: environment).outcome()
}

/// A new folder, removed with all others when the tests end.
func temporaryFolder() throws -> URL {
  let folder = testFolder.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

private let testFolder: URL = {
  atexit { try? FileManager.default.removeItem(at: testFolderOfProcess()) }
  return testFolderOfProcess()
}()

private func testFolderOfProcess() -> URL {
  FileManager.default.temporaryDirectory.appending(path: "tarflow-mol-tests-\(getpid())")
}
