import Foundation

/// A new file that is written from its start to its end.
package struct FileOutput: ~Copyable {
  private let descriptor: Int32
  /// The final path, for messages.
  private let path: String

  fileprivate init(creating temporary: String, reportedAs path: String) throws(FileError) {
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
    self.path = path
  }

  deinit { close(descriptor) }

  /// Appends numbers as they are in memory, little-endian.
  /// - Throws: ``FileError/unwritable(path:reason:)``, as on a full disk.
  package func write(_ values: [some BitwiseCopyable]) throws(FileError) {
    try append(values, to: descriptor, path: path)
  }
}

/// Writes a file step by step, durably: see ``replaceFile(path:wrap:_:)``.
///
/// - Parameter body: Writes the whole content, in the order of the file.
/// - Throws: What `body` throws, or ``FileError/unwritable(path:reason:)``.
package func writeFile(
  path: String, _ body: (borrowing FileOutput) throws(FileError) -> Void
) throws(FileError) {
  try replaceFile(path: path) { (temporary) throws(FileError) in
    try body(try FileOutput(creating: temporary, reportedAs: path))
  }
}

/// Writes a file durably: see ``replaceFile(path:wrap:_:)``.
/// - Throws: ``FileError/unwritable(path:reason:)``.
package func writeBytes(_ bytes: [UInt8], path: String) throws(FileError) {
  try writeFile(path: path) { (file) throws(FileError) in try file.write(bytes) }
}

/// Writes a text as UTF-8, durably: see ``replaceFile(path:wrap:_:)``.
/// - Throws: ``FileError/unwritable(path:reason:)``.
package func writeText(_ text: String, path: String) throws(FileError) {
  try writeBytes(Array(text.utf8), path: path)
}

/// Writes the bytes of numbers where a file stands, all of them or with an error.
func append(
  _ values: [some BitwiseCopyable], to descriptor: Int32, path: String
) throws(FileError) {
  var failure: String?
  values.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty, failure == nil {
      let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        failure = systemReason()
      }
    }
  }
  if let failure { throw .unwritable(path: path, reason: failure) }
}
