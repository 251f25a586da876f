/// A figure of a page: a drawing with a title, a caption and its numbers.
package struct Figure: Equatable, Sendable {
  package enum Drawing: Equatable, Sendable {
    case chart(Chart)
    case maps(HeatMaps)
  }

  /// The name of its file of numbers, and its place in the page: "energy-linear".
  package let name: String
  package let title: String
  /// What is seen, and what it means.
  package let caption: String
  package let drawing: Drawing

  /// - Precondition: The name can be that of a file.
  package init(_ name: String, title: String, caption: String, _ drawing: Drawing) {
    precondition(
      !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") },
      "'\(name)' as the name of a figure")
    (self.name, self.title, self.caption, self.drawing) = (name, title, caption, drawing)
  }

  /// The numbers that are drawn.
  package var table: FigureTable {
    switch drawing {
    case .chart(let chart): chart.table
    case .maps(let maps): maps.table
    }
  }

  /// The figure as markup.
  ///
  /// - Parameter data: The folder of the files of numbers, relative to the page.
  func markup(data: String) -> String {
    let (drawings, isWide, readout): ([String], Bool, String) =
      switch drawing {
      case .chart(let chart):
        (
          [chart.svg(id: "fig-\(name)", title: title, description: caption)], false, chart.readout
        )
      case .maps(let maps):
        (maps.svgs(id: "fig-\(name)", title: title, description: caption), true, maps.readout)
      }
    return """
      <figure id="\(name)" class="\(isWide ? "wide" : "half")"><h3>\(escaped(title))</h3>\
      <div class="drawing\(isWide ? " maps" : "")">\(drawings.joined())</div>\
      <figcaption>\(escaped(caption)) <a href="\(escaped(data))/\(name).csv" download="\(name).csv">\
      Data of “\(escaped(title))” (CSV)</a></figcaption>\
      <script type="application/json">\(readout)</script></figure>

      """
  }
}

extension Figure {
  /// The drawing as a file of its own, readable on white.
  package var standaloneSVG: String {
    let style =
      "svg{--page:#fff;--void:#f4f4f6;--ink:#1c1c1e;--soft:#5a5a5f;--rule:#d9d9de;"
      + "\(Palette.variables(Palette.light))}"
      + chartStyle
    switch drawing {
    case .chart(let chart):
      let svg = chart.svg(id: "fig-\(name)", title: title, description: caption)
      return document(svg, style: style)
    case .maps(let maps):
      let svgs = maps.svgs(id: "fig-\(name)", title: title, description: caption)
      let columns = min(svgs.count, 4)
      let mapStep = (x: mapWidth + 6, y: mapHeight + 6)
      let parts = svgs.enumerated().map { number, svg in
        let place = (
          x: px(mapStep.x * Double(number % columns)), y: px(mapStep.y * Double(number / columns))
        )
        return svg.replacing(
          "<svg ",
          with: "<svg x=\"\(place.x)\" y=\"\(place.y)\" width=\"\(px(mapWidth))\" "
            + "height=\"\(px(mapHeight))\" ")
      }
      let size = (
        px(mapStep.x * Double(columns)),
        px(mapStep.y * Double((svgs.count + columns - 1) / columns))
      )
      return document(
        "<svg viewBox=\"0 0 \(size.0) \(size.1)\">\(parts.joined())</svg>", style: style)
    }
  }

  /// A drawing with a white ground and its style.
  private func document(_ svg: String, style: String) -> String {
    guard let end = svg.firstIndex(of: ">") else { return svg }
    let inside = svg.index(after: end)
    return svg[..<end].replacing("<svg ", with: "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
      + "><style>\(style)</style><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
      + svg[inside...] + "\n"
  }
}
