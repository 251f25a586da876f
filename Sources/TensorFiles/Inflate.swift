import CZLIB
import Foundation

/// The bytes of a file, inflated if they are gzipped.
///
/// - Throws: ``FileError``, `.content` when the compressed data are damaged or cut off, or inflate
///   to more than a hundred times their size: a small file must not fill the memory
///   (`ArrayTests`). The largest gzip ratio is 1,032; pictures have 2 to 20.
func readInflated(path: String) throws(FileError) -> [UInt8] {
  let size = try OpenFile(path: path).size
  guard let file = gzopen(path, "rb") else {
    throw .unreadable(path: path, reason: systemReason())
  }
  defer { gzclose(file) }
  let most = max(freeBytes, size.multipliedReportingOverflow(by: mostInflation).partialValue)
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
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
    guard bytes.count <= most || gzdirect(file) != 0 else {
      throw .content(
        path: path,
        problem:
          "inflates to more than \(mostInflation) times its \(size) bytes; if that is right, "
          + "unpack it first")
    }
    if count == 0 { return bytes }
  }
}

/// How many times larger than the file what it holds may be.
private let mostInflation = 100

/// What any file may inflate to: a megabyte of labels can be one byte many times.
private let freeBytes = 1 << 24
