import Foundation

/// A plain file that is open for reading; closed when it goes.
package struct OpenFile: ~Copyable {
  package let descriptor: Int32
  /// The size in bytes.
  package let size: Int

  /// Opens a file without waiting for anything.
  /// - Throws: ``FileError`` when there is none, or it is a folder, a pipe or a device.
  package init(path: String) throws(FileError) {
    // Without O_NONBLOCK a pipe would keep us until someone writes into it.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(of: path) }
    var status = stat()
    do throws(FileError) {
      guard fstat(descriptor, &status) == 0 else { throw refusal(of: path) }
      try checkPlain(status, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    size = status.st_size
  }

  deinit { close(descriptor) }

  /// Some of the bytes, without moving a position.
  ///
  /// - Parameters:
  ///   - count: At most what the file has from `offset` on.
  ///   - least: How many bytes have to be there.
  /// - Returns: `least` to `count` bytes.
  /// - Throws: ``FileError/unreadable(path:reason:)``.
  package func read(
    _ count: Int, atLeast least: Int? = nil, at offset: Int, path: String
  ) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = pread(descriptor, &bytes, count, offset)
    guard found >= least ?? count else {
      throw .unreadable(
        path: path, reason: found < 0 ? systemReason() : "the file shrank while it was read")
    }
    return Array(bytes.prefix(found))
  }
}

/// Checks that a path leads to a plain file: opening a pipe would wait for its writer.
/// - Throws: ``FileError/missing(path:)``, `.notPlainFile` or `.unreadable`.
package func requirePlainFile(_ path: String) throws(FileError) {
  var status = stat()
  guard stat(path, &status) == 0 else { throw refusal(of: path) }
  try checkPlain(status, path: path)
}

/// The bytes of a file.
/// - Throws: ``FileError`` when it is missing, no plain file or unreadable.
package func readBytes(path: String) throws(FileError) -> Data {
  try requirePlainFile(path)
  do {
    return try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    throw .unreadable(path: path, reason: systemReason(error))
  }
}

/// The text of a file in UTF-8, without a byte order mark.
/// - Throws: ``FileError`` as ``readBytes(path:)``, and `.content` for what is no UTF-8.
package func readText(path: String) throws(FileError) -> String {
  guard let text = String(data: try readBytes(path: path), encoding: .utf8) else {
    throw .content(path: path, problem: "is no UTF-8 text")
  }
  return text
}

/// Whether a path leads to a folder.
package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func checkPlain(_ status: stat, path: String) throws(FileError) {
  let kind = status.st_mode & S_IFMT
  guard kind == S_IFREG else { throw .notPlainFile(path: path, isFolder: kind == S_IFDIR) }
}

/// The error of the operating system's last refusal to open or look at a file.
private func refusal(of path: String) -> FileError {
  errno == ENOENT ? .missing(path: path) : .unreadable(path: path, reason: systemReason())
}
