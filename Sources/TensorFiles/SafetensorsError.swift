/// Why a safetensors file cannot be read or written.
package enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It cannot be opened or written.
  case file(FileError)
  /// The file is shorter than its header says.
  case truncated(path: String, expected: Int, found: Int)
  /// The file is longer than its tensors.
  case trailingBytes(path: String, expected: Int, found: Int)
  /// The header's length or its JSON is not what the format asks for.
  case header(path: String, problem: String)
  /// One tensor's entry does not hold together.
  case tensor(path: String, name: String, problem: String)
  /// The texts and tensors are not those that the program writes.
  case content(path: String, problem: String)
  /// The bytes are not those that were written.
  case checksum(path: String, expected: String, found: String)
  /// The tensors' bytes leave a hole or overlap.
  case layout(path: String, name: String, expectedStart: Int, found: Int)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .truncated(let path, let expected, let found):
      "\(path): has \(found) bytes, its header asks for \(expected); the copy is incomplete"
    case .trailingBytes(let path, let expected, let found):
      "\(path): has \(found) bytes, its tensors end at \(expected); the file is damaged"
    case .header(let path, let problem): "\(path): no safetensors header: \(problem)"
    case .content(let path, let problem): "\(path): \(problem)"
    case .tensor(let path, let name, let problem): "\(path): tensor '\(name)': \(problem)"
    case .checksum(let path, let expected, let found):
      "\(path): is damaged: its bytes have the checksum \(found), expected \(expected); use a copy"
    case .layout(let path, let name, let expectedStart, let found):
      "\(path): tensor '\(name)' starts at byte \(found), expected \(expectedStart): "
        + "tensors overlap or leave a hole"
    }
  }
}
