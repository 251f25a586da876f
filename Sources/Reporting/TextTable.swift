/// Rows of text in aligned columns.
package struct TextTable: Equatable, Sendable {
  package enum Alignment: Sendable {
    case left, right
  }

  /// A column: where its text stands, and the characters that it takes at least.
  package struct Column: Equatable, Sendable {
    package let alignment: Alignment
    package let leastWidth: Int

    package init(_ alignment: Alignment, leastWidth: Int = 0) {
      self.alignment = alignment
      self.leastWidth = leastWidth
    }
  }

  package let columns: [Column]
  /// What stands between two columns.
  package let separator: String
  /// [rows, columns].
  package var rows: [[String]] = []

  package init(_ columns: [Column], separator: String = "   ") {
    self.columns = columns
    self.separator = separator
  }

  /// One line a row, each column as wide as its longest text; without line breaks and without blanks
  /// at the end.
  ///
  /// - Precondition: Every row has a text for every column.
  package var lines: [String] {
    let widths = columns.indices.map { column in
      rows.reduce(columns[column].leastWidth) { max($0, $1[column].count) }
    }
    return rows.map { row in
      precondition(row.count == columns.count, "\(row.count) texts, \(columns.count) columns")
      let line = columns.indices.map { row[$0].padded(to: widths[$0], columns[$0].alignment) }
        .joined(separator: separator)
      let blanks = line.reversed().prefix { $0 == " " }.count
      return String(line.dropLast(blanks))
    }
  }
}

extension String {
  /// The text with blanks, so that it takes at least `width` characters.
  package func padded(to width: Int, _ alignment: TextTable.Alignment = .left) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return alignment == .left ? self + blanks : blanks + self
  }
}
