extension ChartLayout {
  /// The series, the first at the bottom.
  func marks() -> String {
    if chart.categories != nil { return categories() }
    return chart.series.map { series in
      switch series.mark {
      case .line, .dashedLine: lines(series)
      case .steps, .dashedSteps, .filledSteps: steps(series)
      case .points: points(series)
      }
    }.joined()
  }

  /// The x of each place of the domain, the middle of a bin.
  private var places: [Double?] {
    switch chart.domain {
    case .points(let points): points.map { x.place($0) }
    case .bins(let edges): zip(edges, edges.dropFirst()).map { x.place(($0 + $1) / 2) }
    case .categories: []
    }
  }

  private func lines(_ series: Chart.Series) -> String {
    let colour = "k\(series.colour)"
    var band = ""
    if let low = series.low, let high = series.high {
      for run in runs(places.indices.map { low[$0] != nil && high[$0] != nil }) {
        let upper = run.compactMap { point(places[$0], high[$0]) }
        let lower = run.reversed().compactMap { point(places[$0], low[$0]) }
        if upper.count > 1 {
          band +=
            "<path class=\"band \(colour)\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>"
        }
      }
    }
    let path = runs(series.values.map { $0 != nil }).map { run in
      let points = run.compactMap { point(places[$0], series.values[$0]) }
      // A value alone between gaps is a dot.
      return points.isEmpty
        ? "" : "M" + points.joined(separator: "L") + (points.count == 1 ? "h.1" : "")
    }.joined()
    let style = series.mark == .dashedLine ? "line dashed" : "line"
    return band + (path.isEmpty ? "" : "<path class=\"\(style) \(colour)\" d=\"\(path)\"/>")
  }

  private func steps(_ series: Chart.Series) -> String {
    guard case .bins(let edges) = chart.domain else { return lines(series) }
    let colour = "k\(series.colour)"
    let path = runs(series.values.map { $0.flatMap { y.place($0) } != nil }).map { run in
      var path = ""
      for bin in run {
        guard let left = x.place(edges[bin]), let right = x.place(edges[bin + 1]),
          let height = series.values[bin].flatMap({ y.clamped($0) })
        else { continue }
        // From the axis up, along, and down at the end.
        path +=
          bin == run.first ? "M\(px(left)) \(px(plot.bottom))V\(px(height))" : "V\(px(height))"
        path += "H\(px(right))"
      }
      return path + "V\(px(plot.bottom))"
    }.joined()
    let area =
      series.mark == .filledSteps ? "<path class=\"area \(colour)\" d=\"\(path)\"/>" : ""
    let style = series.mark == .dashedSteps ? "line dashed" : "line"
    return area + "<path class=\"\(style) \(colour)\" d=\"\(path)\"/>" + beyond(series, edges)
  }

  /// What lies above the bins, as high as if it were in one bin.
  private func beyond(_ series: Chart.Series, _ edges: [Double]) -> String {
    guard chart.hasBeyond, let share = series.beyond?.above, edges.count > 1 else { return "" }
    let left = plot.right + 8
    let title =
      series.name == chart.series.first?.name
      ? text("beyond", left + Self.stripWidth / 2, plot.bottom + 30, "tick", "middle")
        + line(left, plot.bottom, left + Self.stripWidth, plot.bottom, "frame") : ""
    guard share > 0, let height = y.clamped(share / (edges[1] - edges[0])) else { return title }
    let style = series.mark == .dashedSteps ? "line dashed" : "line"
    return title
      + """
      <path class="\(style) k\(series.colour)" d="M\(px(left)) \(px(plot.bottom))V\(px(height))\
      H\(px(left + Self.stripWidth))V\(px(plot.bottom))"/>
      """
  }

  private func points(_ series: Chart.Series) -> String {
    let colour = "k\(series.colour)"
    return places.indices.map { index in
      guard let x = places[index], let y = series.values[index].flatMap({ y.clamped($0) })
      else { return "" }
      var whisker = ""
      if let low = series.low?[index].flatMap({ self.y.clamped($0) }),
        let high = series.high?[index].flatMap({ self.y.clamped($0) })
      {
        whisker = line(x, low, x, high, "line \(colour)")
      }
      return whisker + "<circle class=\"dot \(colour)\" cx=\"\(px(x))\" cy=\"\(px(y))\" r=\"3\"/>"
    }.joined()
  }

  /// Dots with whiskers, a row a category, those of several series below each other.
  private func categories() -> String {
    let count = Double(chart.series.count)
    return chart.series.enumerated().map { index, series in
      let colour = "k\(series.colour)"
      return series.values.indices.map { row in
        guard let value = series.values[row].flatMap({ x.clamped($0) }) else { return "" }
        let offset = count > 1 ? (Double(index) / (count - 1) - 0.5) * min(10, 4 * count) : 0
        let middle = plot.top + (Double(row) + 0.5) * Self.rowHeight + offset
        var whisker = ""
        if let low = series.low?[row].flatMap({ x.clamped($0) }),
          let high = series.high?[row].flatMap({ x.clamped($0) })
        {
          whisker = line(low, middle, high, middle, "line \(colour)")
        }
        return whisker
          + "<circle class=\"dot \(colour)\" cx=\"\(px(value))\" cy=\"\(px(middle))\" r=\"3.5\"/>"
      }.joined()
    }.joined()
  }

  private func point(_ x: Double?, _ value: Double?) -> String? {
    guard let x, let place = value.flatMap({ y.clamped($0) }) else { return nil }
    return "\(px(x)) \(px(place))"
  }
}

/// The stretches of neighbours that have a value.
private func runs(_ hasValue: [Bool]) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  for (index, has) in hasValue.enumerated() where has {
    if let last = runs.last, last.upperBound == index {
      runs[runs.count - 1] = last.lowerBound..<index + 1
    } else {
      runs.append(index..<index + 1)
    }
  }
  return runs
}
