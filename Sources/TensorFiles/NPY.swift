import Foundation

/// The first bytes of a `.npy` file.
let numpyMagic: [UInt8] = [0x93] + Array("NUMPY".utf8)

/// Parses a `.npy` file.
///
/// Format: magic, version, header length (little-endian), a Python dictionary, the elements. Sizes
/// may end with the L of Python 2's long numbers and texts begin with its u, as older NumPy wrote
/// them. An array of one dimension is the same in either order.
/// - SeeAlso: NumPy enhancement proposal 1, *A simple file format for NumPy arrays*.
func parseNPY(_ data: [UInt8], path: String) throws(FileError) -> StoredArray {
  func fail(_ problem: String) -> FileError { .content(path: path, problem: problem) }
  guard data.count >= 12 else { throw fail("ends within its header; the copy is incomplete") }
  let lengthBytes = data[6] == 1 ? 2 : 4
  let length = (0..<lengthBytes).reduce(0) { $0 | Int(data[8 + $1]) << (8 * $1) }
  let start = 8 + lengthBytes + length
  guard data.count >= start else { throw fail("ends within its header; the copy is incomplete") }
  // Other programs quote with the other marks of Python.
  let header = String(decoding: data[8 + lengthBytes..<start], as: UTF8.self)
    .replacing("\"", with: "'")
  guard let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
    let type = header.firstMatch(of: /'descr':\s*[ub]?'([^']*)'/)?.1,
    let sizes = header.firstMatch(of: /'shape':\s*\(([0-9L, ]*)\)/)?.1
  else { throw fail("has a header that cannot be read") }
  let shape = try sizes.split(separator: ",").map { (text) throws(FileError) in
    let digits = text.trimmingCharacters(in: .whitespaces)
    guard let size = Int(digits.hasSuffix("L") ? String(digits.dropLast()) : digits) else {
      throw fail("has a header that cannot be read")
    }
    return size
  }
  guard order == "False" || shape.filter({ $0 != 1 }).count <= 1 else {
    throw fail("is in Fortran order, expected C order; save numpy.ascontiguousarray(a)")
  }
  guard let element = NumPyType(rawValue: String(type)) else {
    throw fail("has element type \(type), expected u1, i4, i8, f4 or f8, little-endian")
  }
  let count = try elementCount(shape, path: path)
  guard data.count - start == count * element.size else {
    throw fail(
      "has \(data.count - start) bytes after its header, but shape \(shape) needs "
        + "\(count * element.size); the copy is damaged")
  }
  let values = data.withUnsafeBytes { element.values($0, from: start, count: count) }
  return StoredArray(shape: shape, values: values)
}

private enum NumPyType: String {
  case uint8 = "|u1"
  case int32 = "<i4"
  case int64 = "<i8"
  case float32 = "<f4"
  case float64 = "<f8"

  var size: Int {
    switch self {
    case .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  func values(_ raw: UnsafeRawBufferPointer, from start: Int, count: Int) -> StoredArray.Values {
    func load<Element>(_ type: Element.Type) -> [Element] {
      (0..<count).map { raw.loadUnaligned(fromByteOffset: start + $0 * size, as: type) }
    }
    switch self {
    case .uint8: return .bytes(Array(raw[start..<start + count]))
    case .int32: return .integers(load(Int32.self).map { Int($0) })
    case .int64: return .integers(load(Int64.self).map { Int($0) })
    case .float32: return .floats(load(Float.self).map { Double($0) })
    case .float64: return .floats(load(Double.self))
    }
  }
}

/// Writes single-precision numbers as `.npy`, durably: see ``replaceFile(path:wrap:_:)``.
///
/// Reading gives back every bit (`ArrayTests`).
/// - Throws: ``FileError/unwritable(path:reason:)``.
package func writeNPY(_ values: [Float], shape: [Int], path: String) throws(FileError) {
  precondition(shape.reduce(1, *) == values.count, "\(values.count) values in shape \(shape)")
  let sizes = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
  // The elements start at a multiple of 64 bytes, behind a line feed.
  header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
  let length = header.utf8.count
  let start = numpyMagic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
  try writeFile(path: path) { (file) throws(FileError) in
    try file.write(start)
    try file.write(values)
  }
}
