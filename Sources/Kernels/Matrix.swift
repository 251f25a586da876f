/// A row-major view of floats that somebody else owns: `rows` rows of `columns`, `stride` floats
/// apart.
///
/// A batch of token sequences [batch, tokens, features] is the matrix [batch · tokens, features].
package struct Matrix {
  package let rows: Int
  package let columns: Int
  package let stride: Int
  package let base: UnsafeMutablePointer<Float>

  package init(
    _ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil
  ) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The number of elements.
  package var count: Int { rows * columns }

  /// Whether the rows touch each other, as the elementwise kernels need.
  package var isContiguous: Bool { stride == columns }

  /// The start of a row.
  package subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// A view of some rows.
  package func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.upperBound <= rows, "rows \(range) of \(rows)")
    return Matrix(
      base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// A view of some columns.
  package func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.upperBound <= columns, "columns \(range) of \(columns)")
    return Matrix(base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// Sets every element of a contiguous matrix.
  package func fill(_ value: Float) {
    precondition(isContiguous, "fill needs contiguous rows, stride \(stride) of \(columns)")
    base.update(repeating: value, count: count)
  }

  /// Copies the elements of a matrix of the same shape.
  package func copy(from other: Matrix) {
    precondition(rows == other.rows && columns == other.columns, "\(other.shape) into \(shape)")
    for row in 0..<rows { self[row].update(from: other[row], count: columns) }
  }

  /// "rows×columns", for messages.
  package var shape: String { "\(rows)×\(columns)" }
}
