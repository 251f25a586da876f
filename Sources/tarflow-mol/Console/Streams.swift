import Foundation
import Logging

/// Writes a result to standard output.
///
/// A reader that went away (`| head`) has what it wanted, so that is no error.
/// - Throws: `CommandError.unwritable` when the text cannot be written, as on a full disk.
func printResult(_ text: String) throws {
  if let problem = write(text, to: STDOUT_FILENO), problem != EPIPE {
    throw CommandError.unwritable(
      path: "standard output", reason: String(cString: strerror(problem)))
  }
}

/// Writes words for people to stderr; work goes on when nobody reads them.
func tell(_ text: String) { _ = write(text, to: STDERR_FILENO) }

/// Writes all of a text; returns the error number when it does not succeed.
private func write(_ text: String, to descriptor: Int32) -> Int32? {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written > 0 {
      bytes = bytes.dropFirst(written)
    } else if written == 0 || errno != EINTR {
      return written == 0 ? EIO : errno
    }
  }
  return nil
}

/// Shows notes as they are, and says of warnings and errors that they are such; one line each, on stderr.
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let label = event.level >= .warning ? "\(event.level): " : ""
    tell("\(label)\(event.message)\n")
  }
}
