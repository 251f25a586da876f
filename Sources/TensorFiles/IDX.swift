/// Parses an IDX file of bytes.
///
/// Format: two zeros, the element type, the number of dimensions, their sizes (big-endian), the
/// elements.
/// - SeeAlso: LeCun, Cortes & Burges, *The MNIST database*, "file formats".
func parseIDX(_ data: [UInt8], path: String) throws(FileError) -> StoredArray {
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
