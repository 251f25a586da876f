import Foundation

/// Checks that a path leads to a plain file: opening a FIFO would wait for its writer.
/// - Throws: `CommandError.missing`, or `.badData` for a folder, a FIFO or a device.
func requireFile(_ path: String, what: String, advice: String) throws {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw CommandError.missing(what: what, path: path, advice: advice)
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return
  case S_IFDIR:
    throw CommandError.badData(path: path, problem: "is a folder, no \(what); \(advice)")
  default:
    throw CommandError.badData(
      path: path, problem: "is no plain file but a pipe or device; copy it to a file first")
  }
}

/// The text of a file.
/// - Throws: `CommandError.missing` or `.badData`.
func readText(path: String, what: String, advice: String) throws -> String {
  try requireFile(path, what: what, advice: advice)
  do {
    return try String(contentsOfFile: path, encoding: .utf8)
  } catch {
    throw CommandError.badData(path: path, problem: "is no readable UTF-8 text; expected a \(what)")
  }
}
