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

  /// What is wrong with a pipe or a device, and what to do.
  package static let isPipe = "is no plain file but a pipe or device; copy it to a file first"

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
    case .notPlainFile(let path, isFolder: true):
      "\(path): is a folder, no file; name a file in it"
    case .notPlainFile(let path, isFolder: false): "\(path): \(Self.isPipe)"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .content(let path, let problem): "\(path): \(problem)"
    }
  }
}
