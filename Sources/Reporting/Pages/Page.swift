/// A page of results: one file that needs no other, and the numbers of its figures beside it.
package struct Page: Equatable, Sendable {
  package struct Section: Equatable, Sendable {
    package let title: String
    package let blocks: [Block]

    package init(_ title: String, _ blocks: [Block]) {
      (self.title, self.blocks) = (title, blocks)
    }

    /// Its place in the page.
    fileprivate var id: String {
      let letters = title.lowercased().map { letter -> Character in
        letter.isASCII && (letter.isLetter || letter.isNumber) ? letter : "-"
      }
      return "section-" + String(letters)
    }
  }

  package let title: String
  /// One line below the title.
  package let subtitle: String
  package let sections: [Section]
  /// What stands at the end.
  package let footer: String

  package init(title: String, subtitle: String, sections: [Section], footer: String) {
    (self.title, self.subtitle, self.sections, self.footer) = (title, subtitle, sections, footer)
  }

  package var figures: [Figure] {
    sections.flatMap(\.blocks).flatMap { block -> [Figure] in
      if case .figures(let figures) = block { figures } else { [] }
    }
  }

  /// The page as HTML that is well-formed XML, too (`PageTests`).
  ///
  /// Nothing in it is loaded from elsewhere, and the same page has the same bytes.
  ///
  /// - Parameter data: The folder of the files of numbers, relative to the page.
  package func html(data: String) -> String {
    let contents = sections.map {
      "<li><a href=\"#\($0.id)\">\(escaped($0.title))</a></li>"
    }.joined()
    let body = sections.map { section in
      """
      <section id="\(section.id)"><h2>\(escaped(section.title))</h2>
      \(section.blocks.map { $0.markup(data: data) }.joined())</section>

      """
    }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(escaped(title))</title>
      <link rel="icon" href="data:,"/>
      <style>\(pageStyle)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the results</a>
      <header><h1>\(escaped(title))</h1><p>\(escaped(subtitle))</p></header>
      <div class="layout">
      <nav aria-label="Contents"><details open="open"><summary>Contents</summary>\
      <ol>\(contents)</ol></details></nav>
      <main id="main">
      \(body)</main>
      </div>
      <footer><p>\(escaped(footer))</p></footer>
      <div id="tip" role="status" aria-live="polite" hidden="hidden"></div>
      <script>//<![CDATA[
      \(pageScript)
      //]]></script>
      </body>
      </html>

      """
  }

  /// The files of numbers: their names without a folder, and their texts.
  package var dataFiles: [(name: String, text: String)] {
    figures.map { ("\($0.name).csv", $0.table.csv) }
  }
}
