import TensorFiles

/// Checks that a path leads to a plain file: opening a FIFO would wait for its writer.
/// - Throws: `RunError.missing`, or `.badData` for a folder, a FIFO or a device.
package func requireFile(_ path: String, what: String, advice: String) throws(RunError) {
  do throws(FileError) {
    try requirePlainFile(path)
  } catch .notPlainFile(_, isFolder: true) {
    throw .badData(path: path, problem: "is a folder, no \(what); \(advice)")
  } catch .notPlainFile {
    throw .badData(path: path, problem: FileError.isPipe)
  } catch {
    // Absent, below a file that is no folder, or in a folder that may not be entered.
    throw .missing(what: what, path: path, advice: advice)
  }
}

/// The text of a file.
/// - Throws: `RunError.missing` or `.badData`.
package func readInput(path: String, what: String, advice: String) throws(RunError) -> String {
  try requireFile(path, what: what, advice: advice)
  do throws(FileError) {
    return try readText(path: path)
  } catch {
    throw .badData(path: path, problem: "is no readable UTF-8 text; expected a \(what)")
  }
}
