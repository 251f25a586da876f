/// Why images or their models cannot be read or written; one line each, with what to do.
package enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file or folder that is missing or cannot be opened.
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  /// A file whose content is damaged or does not fit.
  case content(path: String, problem: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .content(let path, let problem): "\(path): \(problem)"
    }
  }
}
