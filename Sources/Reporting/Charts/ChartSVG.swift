import Foundation

/// The size of a chart in its own pixels.
private let chartWidth = 480.0
private let chartHeight = 306.0

extension Chart {
  /// The chart as an `svg` element, with its title and description for screen readers.
  ///
  /// Colours and sizes of texts come from the page's style (``chartStyle``).
  package func svg(id: String, title: String, description: String) -> String {
    let layout = ChartLayout(self)
    let body = layout.axes() + layout.marks() + layout.legend()
    return svgElement(
      id: id, width: chartWidth, height: layout.height, title: title, description: description,
      label: layout.plot, body)
  }
}

/// An `svg` element that keyboard and screen readers reach.
///
/// - Parameter label: The part of the drawing that values belong to, for the readout.
func svgElement(
  id: String, width: Double, height: Double, title: String, description: String, label: PlotArea,
  _ body: String
) -> String {
  """
  <svg id="\(id)" viewBox="0 0 \(px(width)) \(px(height))" role="img" tabindex="0" \
  aria-labelledby="\(id)-t \(id)-d" data-plot="\(label.text)"><title id="\(id)-t">\
  \(escaped(title))</title><desc id="\(id)-d">\(escaped(description))</desc>\(body)</svg>
  """
}

/// The rectangle of a chart that holds its values.
struct PlotArea {
  var left, top, right, bottom: Double

  var text: String { [left, top, right, bottom].map(px).joined(separator: " ") }
}

/// Where everything of a chart stands.
struct ChartLayout {
  let chart: Chart
  let plot: PlotArea
  let height: Double
  let x, y: PlacedAxis
  let legendRows: [[Chart.Series]]

  /// The place of one category.
  static let rowHeight = 24.0
  /// The strip right of the bins for what lies above them.
  static let stripWidth = 30.0

  init(_ chart: Chart) {
    self.chart = chart
    legendRows = rowsOfLegend(chart.series)
    let isNamedAbove = chart.rules.contains {
      !$0.name.isEmpty && ($0.isVertical || chart.categories != nil)
    }
    let top = 12 + 18 * Double(legendRows.count) + (isNamedAbove ? 14 : 0)
    let values = chart.series.flatMap { series in
      (series.values + (series.low ?? []) + (series.high ?? [])).compactMap { $0 }
    }
    let right = chartWidth - 16 - (chart.hasBeyond ? Self.stripWidth + 8 : 0)
    if let names = chart.categories {
      height = top + Self.rowHeight * Double(max(1, names.count)) + 52
      let left = min(220, 20 + (names.map(textWidth).max() ?? 0))
      plot = PlotArea(left: left, top: top, right: right, bottom: height - 48)
      x = PlacedAxis(
        chart.y, values: values + chart.rules.map(\.value), from: plot.left, to: plot.right)
      y = PlacedAxis(
        Axis("", range: 0...Double(max(1, chart.domain.count))), values: [], from: plot.top,
        to: plot.bottom)
      return
    }
    let places: [Double] =
      switch chart.domain {
      case .points(let places): places
      case .bins(let edges): edges
      case .categories: []
      }
    let isHistogram = chart.series.contains { [.steps, .filledSteps].contains($0.mark) }
    height = chartHeight + 18 * Double(max(0, legendRows.count - 1))
    y = PlacedAxis(
      chart.y, values: values + chart.rules.filter { !$0.isVertical }.map(\.value),
      isAnchored: isHistogram, from: height - 48, to: top)
    // The axis's title stands left of its longest number.
    let longest = y.ticks(about: 5, step: chart.y.tickStep).map { textWidth($0.label) }.max() ?? 0
    plot = PlotArea(left: max(64, 32 + longest), top: top, right: right, bottom: height - 48)
    x = PlacedAxis(
      chart.x, values: places, margin: places.count > 2 ? 0 : 0.04, from: plot.left, to: plot.right)
  }

  /// Frame, grid, ticks, titles and rules.
  func axes() -> String {
    var parts = ""
    let xTicks = x.ticks(
      about: 6, step: chart.categories == nil ? chart.x.tickStep : chart.y.tickStep)
    for (index, tick) in xTicks.enumerated() {
      guard let place = x.place(tick.value) else { continue }
      parts += line(place, plot.top, place, plot.bottom, "grid")
      // Every second label gives way on a narrow screen.
      let style = index % 2 == 1 && xTicks.count > 5 ? "tick alt" : "tick"
      parts += text(tick.label, place, plot.bottom + 16, style, "middle")
    }
    if let names = chart.categories {
      for (row, name) in names.enumerated() {
        let middle = plot.top + (Double(row) + 0.5) * Self.rowHeight
        if row > 0 { parts += line(plot.left, middle - 12, plot.right, middle - 12, "grid") }
        parts += text(name, plot.left - 8, middle + 4, "tick", "end")
      }
    } else {
      for tick in y.ticks(about: 5, step: chart.y.tickStep) {
        guard let place = y.place(tick.value) else { continue }
        parts += line(plot.left, place, plot.right, place, "grid")
        parts += text(tick.label, plot.left - 7, place + 4, "tick", "end")
      }
      let middle = px((plot.top + plot.bottom) / 2)
      parts += """
        <text class="axis" text-anchor="middle" x="15" y="\(middle)" \
        transform="rotate(-90 15 \(middle))">\(escaped(chart.y.label))</text>
        """
    }
    let label = chart.categories == nil ? chart.x.label : chart.y.label
    parts += text(label, (plot.left + plot.right) / 2, height - 10, "axis", "middle")
    parts += """
      <rect class="frame" x="\(px(plot.left))" y="\(px(plot.top))" \
      width="\(px(plot.right - plot.left))" height="\(px(plot.bottom - plot.top))"/>
      """
    return parts + rules()
  }

  private func rules() -> String {
    chart.rules.map { rule in
      let isAcross = chart.categories != nil || rule.isVertical
      let axis = isAcross ? x : y
      guard rule.value >= axis.low, rule.value <= axis.high, let place = axis.place(rule.value)
      else { return "" }
      if isAcross {
        return line(place, plot.top, place, plot.bottom, "rule")
          + (rule.name.isEmpty ? "" : text(rule.name, place, plot.top - 4, "note", "middle"))
      }
      return line(plot.left, place, plot.right, place, "rule")
        + text(rule.name, plot.right - 5, place - 5, "note", "end")
    }.joined()
  }

  /// Names beside samples of their marks, above the chart; none for a single series without a name.
  func legend() -> String {
    legendRows.enumerated().map { row, series in
      var place = plot.left < 100 ? plot.left : 16
      let middle = 12 + 18 * Double(row)
      return series.map { series in
        defer { place += 36 + textWidth(series.name) }
        return sample(of: series, place, middle)
          + text(series.name, place + 22, middle + 4, "legend", "start")
      }.joined()
    }.joined()
  }

  private func sample(of series: Chart.Series, _ left: Double, _ middle: Double) -> String {
    let colour = "k\(series.colour)"
    switch series.mark {
    case .points:
      return """
        <circle class="dot \(colour)" cx="\(px(left + 9))" cy="\(px(middle))" r="4"/>
        """
    case .filledSteps:
      return """
        <rect class="area \(colour)" x="\(px(left))" y="\(px(middle - 5))" width="18" height="10"/>
        """ + line(left, middle - 5, left + 18, middle - 5, "line \(colour)")
    case .line, .steps: return line(left, middle, left + 18, middle, "line \(colour)")
    case .dashedLine, .dashedSteps:
      return line(left, middle, left + 18, middle, "line dashed \(colour)")
    }
  }

  func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<path class=\"\(style)\" d=\"M\(px(x1)) \(px(y1))L\(px(x2)) \(px(y2))\"/>"
  }

  func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String, _ anchor: String
  ) -> String {
    """
    <text class="\(style)" text-anchor="\(anchor)" x="\(px(x))" y="\(px(y))">\(escaped(text))</text>
    """
  }
}

extension Chart {
  var categories: [String]? {
    if case .categories(let names) = domain { names } else { nil }
  }
}

/// Series with names, as many in a row as fit.
private func rowsOfLegend(_ series: [Chart.Series]) -> [[Chart.Series]] {
  var rows: [[Chart.Series]] = []
  var left = Double.infinity
  for series in series where !series.name.isEmpty {
    let width = 36 + textWidth(series.name)
    if left + width > chartWidth - 60 {
      rows.append([])
      left = 0
    }
    rows[rows.count - 1].append(series)
    left += width
  }
  return series.count == 1 && series[0].mark != .points ? [] : rows
}
