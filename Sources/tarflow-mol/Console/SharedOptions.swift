import ArgumentParser
import Foundation
import Kernels
import Logging

/// Options of every command that computes.
struct SharedOptions: ParsableArguments {
  @Option(help: "Worker threads; as many as there are processors by default.")
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Show no progress and no notes, only results and errors.")
  var quiet = false

  func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads is \(threads), expected at least 1")
    }
  }

  /// The number of worker threads.
  var workers: Int { threads ?? availableProcessors }

  /// Where the command computes, in single precision.
  var execution: Execution { Execution(workers: workers) }

  /// Where notes and warnings go: stderr.
  var log: Logger {
    var logger = Logger(label: "tarflow-mol") { _ in LineLogHandler() }
    logger.logLevel = quiet ? .error : .info
    return logger
  }
}

/// Where the embedded systems are.
struct SystemsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of systems; by default the one found above the current folder or beside the program.",
      valueName: "folder"))
  var systems: String?
}

extension Precision: ExpressibleByArgument {}
