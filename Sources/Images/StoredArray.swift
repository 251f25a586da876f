import CZLIB
import Foundation

/// An array in a file, IDX or `.npy`: its shape and its elements in C order.
package struct StoredArray: Equatable, Sendable {
  package enum Values: Equatable, Sendable {
    case bytes([UInt8])
    case integers([Int])
    case floats([Double])
  }

  package let shape: [Int]
  package let values: Values
}

/// Reads an array, gzipped or not; the first bytes say which format it is.
/// - Throws: `ImageError`.
package func readArray(_ path: String) throws(ImageError) -> StoredArray {
  let data = try readInflated(path)
  if data.starts(with: numpyMagic) { return try parseNPY(data, path: path) }
  if data.count >= 4, data[0] == 0, data[1] == 0, data[3] > 0 {
    return try parseIDX(data, path: path)
  }
  throw .content(path: path, problem: "is no IDX file, no .npy file and no folder of PNGs")
}

/// IDX: two zeros, the element type, the number of dimensions, their sizes (big-endian), the elements.
///
/// - SeeAlso: LeCun, Cortes & Burges, *The MNIST database*, "file formats".
private func parseIDX(_ data: [UInt8], path: String) throws(ImageError) -> StoredArray {
  guard data[2] == 0x08 else {
    throw .content(
      path: path, problem: "has IDX type 0x\(String(data[2], radix: 16)), expected 0x8, bytes")
  }
  let dimensions = Int(data[3])
  let start = 4 + 4 * dimensions
  guard data.count >= start else {
    throw .content(path: path, problem: "ends within its header; the copy is incomplete")
  }
  let shape = (0..<dimensions).map { dimension in
    data[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
  }
  let elements = try elementCount(shape, path: path)
  guard data.count - start == elements else {
    throw .content(
      path: path,
      problem: "has \(data.count - start) bytes after its header, but shape \(shape) needs "
        + "\(elements); the copy is damaged")
  }
  return StoredArray(shape: shape, values: .bytes(Array(data[start...])))
}

/// The product of the sizes.
func elementCount(_ shape: [Int], path: String) throws(ImageError) -> Int {
  var count = 1
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, size >= 0, product <= 1 << 40 else {
      throw .content(path: path, problem: "has the impossible shape \(shape)")
    }
    count = product
  }
  return count
}

/// The bytes of a file, inflated if they are gzipped.
private func readInflated(_ path: String) throws(ImageError) -> [UInt8] {
  try requirePlainFile(path)
  guard let file = gzopen(path, "rb") else {
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
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

/// Checks that a path leads to a plain file; opening a pipe would wait for its writer.
func requirePlainFile(_ path: String) throws(ImageError) {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(path: path, reason: "it is no plain file")
  }
}

func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
