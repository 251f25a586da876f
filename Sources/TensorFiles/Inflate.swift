import CZLIB
import Foundation

/// The bytes of a file, inflated if they are gzipped.
/// - Throws: ``FileError``, `.content` when the compressed data are damaged or cut off.
func readInflated(path: String) throws(FileError) -> [UInt8] {
  try requirePlainFile(path)
  guard let file = gzopen(path, "rb") else {
    throw .unreadable(path: path, reason: systemReason())
  }
  defer { gzclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = gzread(file, &buffer, UInt32(buffer.count))
    if count > 0 { bytes.append(contentsOf: buffer[..<Int(count)]) }
    var code: Int32 = 0
    let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
    // The library names the file first.
    let problem = message.hasPrefix("\(path): ") ? message.dropFirst(path.count + 2) : message[...]
    guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
      throw .content(path: path, problem: "is damaged: \(problem)")
    }
    if count == 0 { return bytes }
  }
}
