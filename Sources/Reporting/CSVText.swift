/// A table as CSV, RFC 4180 without quotes: a line of names, then a line a row, each with its line
/// break.
///
/// - Precondition: No text holds a comma or a line break.
package func csvText(columns: [String], rows: [[String]]) -> String {
  ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
}
