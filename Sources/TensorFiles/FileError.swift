import Foundation

/// Why a file cannot be read or written; one line each.
package enum FileError: Error, Equatable, Sendable {
  /// Nothing of that name is there.
  case missing(path: String)
  /// What is there is a folder, a pipe or a device.
  case notPlainFile(path: String, isFolder: Bool)
  /// The operating system does not let us read the file.
  case unreadable(path: String, reason: String)
  /// The operating system does not let us write the file.
  case unwritable(path: String, reason: String)
  /// The content is damaged or of another format.
  case content(path: String, problem: String)

  /// The same of a file that was written under another name than the one that people know.
  package func reported(as name: String) -> FileError {
    if case .unwritable(_, let reason) = self {
      .unwritable(path: name, reason: reason)
    } else {
      self
    }
  }
}

extension FileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let path): "\(path): cannot be read: \(systemReason(code: ENOENT))"
    case .notPlainFile(let path, let isFolder):
      "\(path): cannot be read: it is a \(isFolder ? "directory" : "pipe or a device")"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .content(let path, let problem): "\(path): \(problem)"
    }
  }
}
