import Foundation

/// log |det| of a square matrix, [size][size], by elimination with row exchanges.
package func logAbsoluteDeterminant(_ matrix: [[Double]]) -> Double {
  var rows = matrix
  var sum = 0.0
  for column in rows.indices {
    let pivot =
      (column..<rows.count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
    rows.swapAt(column, pivot)
    sum += log(abs(rows[column][column]))
    for row in (column + 1)..<max(rows.count, column + 1) {
      let factor = rows[row][column] / rows[column][column]
      for index in column..<rows.count { rows[row][index] -= factor * rows[column][index] }
    }
  }
  return sum
}
