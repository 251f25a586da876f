import Foundation

let mapWidth = 246.0
let mapHeight = 278.0
private let mapPlot = PlotArea(left: 48, top: 22, right: 236, bottom: 210)

extension HeatMaps {
  /// Each map as an `svg` element of its own, the picture in it as a PNG.
  ///
  /// The ids are ID-1, ID-2, ….
  package func svgs(id: String, title: String, description: String) -> [String] {
    maps.enumerated().map { number, map in
      svgElement(
        id: "\(id)-\(number + 1)", width: mapWidth, height: mapHeight,
        title: "\(title): \(map.name)", description: description, label: mapPlot,
        body(map, id: "\(id)-\(number + 1)"))
    }
  }

  private func body(_ map: Map, id: String) -> String {
    let plot = mapPlot
    let x = PlacedAxis(
      Axis("", range: xEdges[0]...xEdges[xEdges.count - 1]), values: [], from: plot.left,
      to: plot.right)
    let y = PlacedAxis(
      Axis("", range: yEdges[0]...yEdges[yEdges.count - 1]), values: [], from: plot.bottom,
      to: plot.top)
    func text(_ text: String, _ x: Double, _ y: Double, _ style: String, _ anchor: String) -> String
    {
      """
      <text class="\(style)" text-anchor="\(anchor)" x="\(px(x))" y="\(px(y))">\(escaped(text))\
      </text>
      """
    }
    let address = pngAddress(map.png(columns: xEdges.count - 1))
    var parts =
      text(map.name, (plot.left + plot.right) / 2, 14, "axis", "middle")
        + """
        <rect class="empty" x="\(px(plot.left))" y="\(px(plot.top))" \
        width="\(px(plot.right - plot.left))" height="\(px(plot.bottom - plot.top))"/>\
        <image x="\(px(plot.left))" y="\(px(plot.top))" width="\(px(plot.right - plot.left))" \
        height="\(px(plot.bottom - plot.top))" preserveAspectRatio="none" href="\(address)"/>
        """
    for (index, tick) in x.ticks(about: 4, step: self.x.tickStep).enumerated() {
      guard let place = x.place(tick.value) else { continue }
      // Every second label gives way on a narrow screen.
      parts += text(
        tick.label, place, plot.bottom + 16, index % 2 == 1 ? "tick alt" : "tick", "middle")
      parts += "<path class=\"frame\" d=\"M\(px(place)) \(px(plot.bottom))v3\"/>"
    }
    for tick in y.ticks(about: 4, step: self.y.tickStep) {
      guard let place = y.place(tick.value) else { continue }
      parts += text(tick.label, plot.left - 5, place + 4, "tick", "end")
      parts += "<path class=\"frame\" d=\"M\(px(plot.left)) \(px(place))h-3\"/>"
    }
    let middle = px((plot.top + plot.bottom) / 2)
    parts += text(self.x.label, (plot.left + plot.right) / 2, plot.bottom + 33, "tick", "middle")
    parts += """
      <text class="tick" text-anchor="middle" x="11" y="\(middle)" \
      transform="rotate(-90 11 \(middle))">\(escaped(self.y.label))</text>\
      <rect class="frame" x="\(px(plot.left))" y="\(px(plot.top))" \
      width="\(px(plot.right - plot.left))" height="\(px(plot.bottom - plot.top))"/>
      """
    return parts + colourBar(map, id: id)
  }

  /// The colours with the values at both ends and between.
  private func colourBar(_ map: Map, id: String) -> String {
    let (left, right, top) = (mapPlot.left, mapPlot.right, mapHeight - 26)
    let stops = (0...8).map { stop in
      let (red, green, blue) = map.colours.colour(at: Double(stop) / 8)
      return """
        <stop offset="\(px(100 * Double(stop) / 8))%" stop-color="rgb(\(red),\(green),\(blue))"/>
        """
    }.joined()
    var parts = """
      <defs><linearGradient id="\(id)-g">\(stops)</linearGradient></defs>\
      <rect class="frame" fill="url(#\(id)-g)" x="\(px(left))" y="\(px(top))" \
      width="\(px(right - left))" height="7"/>
      """
    let range = map.range
    let share = { (value: Double) in
      left + (value - range.lowerBound) / (range.upperBound - range.lowerBound) * (right - left)
    }
    for tick in linearTicks(from: range.lowerBound, to: range.upperBound, about: 4) {
      parts += """
        <text class="tick" text-anchor="middle" x="\(px(share(tick.value)))" y="\(px(top + 19))">\
        \(tick.label)</text>
        """
    }
    return parts
  }
}
