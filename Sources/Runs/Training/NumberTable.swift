import Foundation
import TensorFiles

/// A table of numbers with named columns, such as `metrics.csv`.
package struct NumberTable: Equatable, Sendable {
  package let columns: [String]
  /// [rows][columns]; nil where a field is empty or no number.
  package let rows: [[Double?]]

  /// nil where there is no such file, or nothing in it.
  package init?(path: String) {
    // A byte that is no text costs its row alone.
    guard let data = try? readBytes(path: path) else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard let columns = lines.first, lines.count > 1 else { return nil }
    self.columns = columns
    rows = lines.dropFirst().filter { $0.count == columns.count }.map { $0.map { Double($0) } }
  }

  /// [rows]; nil where there is no such column.
  package subscript(name: String) -> [Double?]? {
    columns.firstIndex(of: name).map { column in rows.map { $0[column] } }
  }
}
