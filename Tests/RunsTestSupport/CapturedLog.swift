import Kernels
import Logging
import Runs
import Synchronization

/// Keeps what is logged and how far the work is, for tests.
package final class CapturedLog: Sendable {
  private let lines = Mutex<[String]>([])
  private let reports = Mutex<[WorkProgress]>([])

  package init() {}

  /// The messages so far, "info: …" or "warning: …".
  package var messages: [String] { lines.withLock(\.self) }
  /// The progress so far.
  package var progress: [WorkProgress] { reports.withLock(\.self) }

  /// A logger that writes here.
  package var log: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  /// A context that writes here, on one thread if nothing else is asked for.
  package func context(
    workers: Int = 1, stopReason: @escaping @Sendable () -> String? = { nil }
  ) -> RunContext {
    RunContext(
      version: "1.2.3", execution: Execution(workers: workers), log: log,
      onProgress: { [self] progress in reports.withLock { $0.append(progress) } },
      stopReason: stopReason)
  }

  private struct Handler: LogHandler {
    let log: CapturedLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      log.lines.withLock { $0.append("\(event.level): \(event.message)") }
    }
  }
}

/// A reason to stop that comes when it has been asked for so many times.
package func stopping(after count: Int, _ reason: String) -> @Sendable () -> String? {
  let asked = Counter()
  return { asked.next() >= count ? reason : nil }
}

private final class Counter: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}
