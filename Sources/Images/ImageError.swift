import TensorFiles

/// Why images or their models cannot be read or written; one line each, with what to do.
package enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that cannot be opened or written, or whose format is damaged.
  case file(FileError)
  /// A file that holds something other than it should.
  case content(path: String, problem: String)
  /// Weights whose shapes fit no square image with the channels that were assumed.
  case channels(path: String, problem: String)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .content(let path, let problem), .channels(let path, let problem): "\(path): \(problem)"
    }
  }
}

/// Runs `body` with its errors as ``ImageError/file(_:)``.
func withImageErrors<Result>(
  _ body: () throws(FileError) -> Result
) throws(ImageError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}
