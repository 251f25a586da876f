import Foundation
import Logging
import Reporting
import Runs
import Synchronization

/// Writes a result to standard output; control characters that come from a file are replaced.
///
/// A reader that went away (`| head`) has what it wanted, so that is no error.
/// - Throws: `RunError.unwritable` when the text cannot be written, as on a full disk.
func printResult(_ text: String) throws {
  if let problem = writeAll(shownText(text, keeping: ["\n", "\t"]), to: STDOUT_FILENO),
    problem != EPIPE
  {
    throw RunError.unwritable(path: "standard output", reason: String(cString: strerror(problem)))
  }
}

/// Writes facts to standard output, for people or as JSON.
/// - Throws: `RunError.unwritable`.
func printFacts(_ facts: [Fact], json: Bool) throws {
  try printResult(json ? try factsJSON(facts) : factsTable(facts))
}

/// Notes that the work on a folder is done, with its wall-clock time and that of its parts.
func noteCompletion(of folder: String, since start: Date, _ context: RunContext) {
  let parts = context.parts.all.text
  context.log.info(
    """
    \(folder) is complete after \(durationText(seconds: Date().timeIntervalSince(start)))\
    \(parts.isEmpty ? "" : ": \(parts)")
    """)
}

/// Writes what people are to know to standard error; work goes on when nobody reads it.
///
/// Control characters, which come from a file, are replaced.
func printMessage(_ text: String) { printControls(shownText(text, keeping: ["\n", "\t"])) }

/// Writes the last message of the program, and ends it: nothing comes after it.
func printMessage(_ text: String, thenEnd end: () -> Never) -> Never {
  errorStream.withLock { _ in
    _ = writeAll(shownText(text, keeping: ["\n", "\t"]), to: STDERR_FILENO)
    end()
  }
}

/// Writes to standard error what moves the cursor.
func printControls(_ text: String) {
  errorStream.withLock { _ in _ = writeAll(text, to: STDERR_FILENO) }
}

/// One message at a time.
private let errorStream = Mutex(())

/// Writes all of a text; returns the error number when it does not succeed.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written > 0 {
      bytes = bytes.dropFirst(written)
    } else if written < 0, errno == EAGAIN {
      // A stream that whoever started the program has made non-blocking: its reader is slower.
      var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&stream, 1, -1)
    } else if written == 0 || errno != EINTR {
      return written == 0 ? EIO : errno
    }
  }
  return nil
}

/// Shows notes as they are, and says of warnings and errors that they are such; one line each.
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let label = event.level >= .warning ? "\(event.level): " : ""
    // A note may be a table; a warning is one line, whatever a file's name holds.
    let kept: Set<Unicode.Scalar> = event.level >= .warning ? [] : ["\n"]
    printMessage("\(label)\(shownText("\(event.message)", keeping: kept))\n")
  }
}
