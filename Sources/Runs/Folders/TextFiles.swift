import Foundation

/// Checks that a path leads to a plain file: opening a FIFO would wait for its writer.
/// - Throws: `RunError.missing`, or `.badData` for a folder, a FIFO or a device.
package func requireFile(_ path: String, what: String, advice: String) throws(RunError) {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw .missing(what: what, path: path, advice: advice)
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return
  case S_IFDIR: throw .badData(path: path, problem: "is a folder, no \(what); \(advice)")
  default:
    throw .badData(
      path: path, problem: "is no plain file but a pipe or device; copy it to a file first")
  }
}

/// The text of a file.
/// - Throws: `RunError.missing` or `.badData`.
package func readText(path: String, what: String, advice: String) throws(RunError) -> String {
  try requireFile(path, what: what, advice: advice)
  do {
    return try String(contentsOfFile: path, encoding: .utf8)
  } catch {
    throw .badData(path: path, problem: "is no readable UTF-8 text; expected a \(what)")
  }
}

/// Writes a text file under a temporary name and renames it.
/// - Throws: `RunError.unwritable`.
package func writeText(_ text: String, path: String) throws(RunError) {
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw .unwritable(path: path, reason: systemReason(error))
  }
}

/// What the operating system says of an error, or else Foundation, in one line.
package func systemReason(_ error: any Error) -> String {
  let error = error as NSError
  if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { return systemReason(cause) }
  return error.domain == NSPOSIXErrorDomain
    ? String(cString: strerror(Int32(error.code))) : error.localizedDescription
}
