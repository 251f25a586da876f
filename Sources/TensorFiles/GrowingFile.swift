import Foundation

/// A file that grows at its end while a run goes on, as a table of results; closed when it goes.
package struct GrowingFile: ~Copyable {
  /// The path for messages.
  package let path: String
  private let place: String
  /// The size in bytes, with all that was appended.
  package private(set) var size: Int
  private let descriptor: Int32

  /// Opens a file that is there.
  ///
  /// - Parameter name: The path for messages; that of the file by default.
  /// - Throws: ``FileError`` when it is missing, no plain file, a link that leads out of its folder,
  ///   or cannot be written.
  package init(path place: String, reportedAs name: String? = nil) throws(FileError) {
    let path = name ?? place
    try requirePlainFile(place)
    let descriptor = open(try followed(place), O_WRONLY | O_APPEND | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      let reason = systemReason()
      if descriptor >= 0 { close(descriptor) }
      throw .unwritable(path: path, reason: reason)
    }
    (self.path, self.place) = (path, place)
    self.descriptor = descriptor
    size = status.st_size
  }

  deinit { close(descriptor) }

  /// Drops what comes after the first `size` bytes: of a run that is resumed from an earlier state.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package mutating func truncate(to size: Int) throws(FileError) {
    precondition((0...self.size).contains(size), "\(path): \(size) of \(self.size) bytes")
    guard ftruncate(descriptor, size) == 0 else {
      throw .unwritable(path: path, reason: systemReason())
    }
    self.size = size
  }

  /// Adds a text at the end; `synchronize` waits until it is on the disk.
  /// - Throws: ``FileError/unwritable(path:reason:)``; part of the text may then be there.
  package mutating func append(_ text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    try TensorFiles.append(bytes, to: descriptor, path: path)
    size += bytes.count
  }

  /// Waits until all that was appended is on the disk.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func synchronize() throws(FileError) {
    try TensorFiles.synchronize(place, reportedAs: path)
  }
}
