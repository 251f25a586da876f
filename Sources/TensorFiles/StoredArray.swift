/// An array of an IDX or `.npy` file: its shape and its elements in C order, in the width of the
/// file.
package struct StoredArray: Equatable, Sendable {
  package enum Values: Equatable, Sendable {
    case bytes([UInt8])
    case integers([Int])
    case floats([Double])
  }

  package let shape: [Int]
  package let values: Values

  package init(shape: [Int], values: Values) {
    self.shape = shape
    self.values = values
  }

  /// Reads an array, gzipped or not; the first bytes say which format it is.
  ///
  /// The number of elements is the product of the shape. (`ArrayTests`, with files of NumPy.)
  /// - Returns: Nil when the file is neither IDX nor `.npy`.
  /// - Throws: ``FileError``, also for a file that is shorter or longer than its header says, for
  ///   Fortran order, and for element types that no reader here needs.
  package init?(path: String) throws(FileError) {
    let data = try readInflated(path: path)
    if data.starts(with: numpyMagic) {
      self = try parseNPY(data, path: path)
    } else if data.count >= 4, data[0] == 0, data[1] == 0, data[3] > 0 {
      self = try parseIDX(data, path: path)
    } else {
      return nil
    }
  }
}

/// The number of elements of a shape.
/// - Throws: ``FileError/content(path:problem:)`` for more than 2⁴⁰.
func elementCount(_ shape: [Int], path: String) throws(FileError) -> Int {
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
