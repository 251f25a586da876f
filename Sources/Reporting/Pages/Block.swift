/// A piece of a page's section.
package enum Block: Equatable, Sendable {
  case paragraph(String)
  /// What the whole page says, in words, with a sign for how good it is.
  case verdict(Verdict)
  /// Key figures, large.
  case tiles([Tile])
  case figures([Figure])
  case table(PageTable)
  /// Names and values.
  case facts([Fact])
  case list([String])
  /// A text that is shown as it is, folded away.
  case folded(title: String, text: String)
  case scene(Scene)
  case picture(Picture)

  func markup(data: String) -> String {
    switch self {
    case .paragraph(let text): "<p>\(escaped(text))</p>\n"
    case .verdict(let verdict): verdict.markup
    case .tiles(let tiles): "<dl class=\"tiles\">\(tiles.map(\.markup).joined())</dl>\n"
    case .figures(let figures):
      "<div class=\"figures\">\(figures.map { $0.markup(data: data) }.joined())</div>\n"
    case .table(let table): table.markup
    case .facts(let facts):
      "<dl class=\"facts\">"
        + facts.map {
          "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value.description))</dd>"
        }.joined() + "</dl>\n"
    case .list(let items):
      "<ul>\(items.map { "<li>\(escaped($0))</li>" }.joined())</ul>\n"
    case .folded(let title, let text):
      """
      <details><summary>\(escaped(title))</summary>\
      <pre tabindex="0">\(escaped(text))</pre></details>

      """
    case .scene(let scene): scene.markup
    case .picture(let picture): picture.markup
    }
  }

  package static func == (a: Block, b: Block) -> Bool { a.markup(data: "") == b.markup(data: "") }
}

/// A judgement in words.
package struct Verdict: Equatable, Sendable {
  package enum Grade: String, Equatable, Sendable {
    case good, caution, bad
  }

  package var grade: Grade
  package var headline: String
  package var sentences: [String]

  package init(_ grade: Grade, _ headline: String, _ sentences: [String]) {
    (self.grade, self.headline, self.sentences) = (grade, headline, sentences)
  }

  fileprivate var markup: String {
    let sign =
      switch grade {
      case .good: "✓"
      case .caution: "!"
      case .bad: "✗"
      }
    return """
      <div class="verdict \(grade.rawValue)"><p class="headline">\
      <span class="sign" aria-hidden="true">\(sign)</span>\(escaped(headline))</p>\
      \(sentences.map { "<p>\(escaped($0))</p>" }.joined())</div>

      """
  }
}

/// A key figure.
package struct Tile: Equatable, Sendable {
  package var name, value, note: String

  package init(_ name: String, _ value: String, note: String = "") {
    (self.name, self.value, self.note) = (name, value, note)
  }

  fileprivate var markup: String {
    "<div><dt>\(escaped(name))</dt><dd>\(escaped(value))"
      + (note.isEmpty ? "" : "<small>\(escaped(note))</small>") + "</dd></div>"
  }
}

/// A table of texts; columns after the first are aligned to the right.
package struct PageTable: Equatable, Sendable {
  package var caption: String
  package var columns: [String]
  package var rows: [[String]]

  /// - Precondition: Every row has a text for every column.
  package init(_ caption: String, columns: [String], rows: [[String]]) {
    for row in rows {
      precondition(row.count == columns.count, "\(row.count) texts, \(columns.count) columns")
    }
    (self.caption, self.columns, self.rows) = (caption, columns, rows)
  }

  fileprivate var markup: String {
    let header = columns.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr><th scope=\"row\">\(escaped(row[0]))</th>"
        + row.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }.joined()
    return """
      <div class="scroll" tabindex="0"><table><caption>\(escaped(caption))</caption>\
      <thead><tr>\(header)</tr></thead><tbody>\(body)</tbody></table></div>

      """
  }
}

/// A picture from pixels.
package struct Picture: Equatable, Sendable {
  package var title, caption: String
  /// The bytes of a PNG.
  package var png: [UInt8]
  /// The names of its rows, all of one height, from the top; none for no names.
  package var rows: [String]

  package init(title: String, caption: String, png: [UInt8], rows: [String] = []) {
    (self.title, self.caption, self.png, self.rows) = (title, caption, png, rows)
  }

  fileprivate var markup: String {
    let image = """
      <img alt="\(escaped(title)). \(escaped(caption))" src="\(pngAddress(png))"/>
      """
    let names = rows.map { "<li>\(escaped($0))</li>" }.joined()
    return """
      <figure class="wide picture"><h3>\(escaped(title))</h3>\
      \(rows.isEmpty ? image : "<div class=\"labelled\"><ol>\(names)</ol>\(image)</div>")\
      <figcaption>\(escaped(caption))</figcaption></figure>

      """
  }
}
