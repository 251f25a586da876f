import Foundation

/// What a page reads out of a figure at the pointer or the keyboard's place, as JSON.
///
/// Numbers have five digits; a figure's CSV file has all of them.
extension Chart {
  var readout: String {
    let layout = ChartLayout(self)
    let places: [String]
    let labels: [String]
    switch domain {
    case .points(let points):
      places = points.map { layout.x.place($0).map(px) ?? "null" }
      labels = points.map { short($0) }
    case .bins(let edges):
      places = zip(edges, edges.dropFirst()).map {
        layout.x.place(($0 + $1) / 2).map(px) ?? "null"
      }
      labels = zip(edges, edges.dropFirst()).map { "\(short($0)) … \(short($1))" }
    case .categories(let names):
      places = names.indices.map {
        px(layout.plot.top + (Double($0) + 0.5) * ChartLayout.rowHeight)
      }
      labels = names
    }
    let series = series.map { series in
      let rows = series.values.indices.map { row in
        value(series.values[row], series.low?[row], series.high?[row])
      }
      return "{\"n\":\(quoted(series.name)),\"v\":[\(rows.joined(separator: ","))]}"
    }
    return """
      {"k":"\(categories == nil ? "x" : "y")","x":\(quoted(categories == nil ? x.title : "")),\
      "u":\(quoted(categories == nil ? x.unit : "")),"y":\(quoted(y.label)),\
      "p":[\(places.joined(separator: ","))],\
      "l":[\(labels.map(quoted).joined(separator: ","))],"s":[\(series.joined(separator: ","))]}
      """
  }

  /// A value, or a value with its bounds.
  private func value(_ value: Double?, _ low: Double?, _ high: Double?) -> String {
    guard let value, value.isFinite else { return "null" }
    guard let low, let high, low.isFinite, high.isFinite else { return digits(value) }
    return "[\(digits(value)),\(digits(low)),\(digits(high))]"
  }
}

extension HeatMaps {
  var readout: String {
    let maps = maps.map { map in
      let values = map.values.map { $0.map { digits($0, 3) } ?? "" }
      return """
        {"n":\(quoted(map.name)),"q":\(quoted(map.quantity)),\
        "v":"\(values.joined(separator: ","))"}
        """
    }
    let edges = [xEdges, yEdges].map {
      "[\(digits($0[0])),\(digits($0[$0.count - 1])),\($0.count - 1)]"
    }
    return """
      {"k":"map","x":\(quoted(x.title)),"y":\(quoted(y.title)),"u":\(quoted(x.unit)),\
      "e":[\(edges.joined(separator: ","))],"s":[\(maps.joined(separator: ","))]}
      """
  }
}

private func digits(_ value: Double, _ count: Int = 5) -> String {
  value.isFinite ? String(format: "%.\(count)g", value) : "null"
}

/// A text as JSON that may stand in a page.
func quoted(_ text: String) -> String {
  var result = "\""
  for character in text.unicodeScalars {
    switch character {
    case "\"", "\\", "<", "&", ">": result += String(format: "\\u%04x", character.value)
    case let character where character.value < 32: result += " "
    default: result.unicodeScalars.append(character)
    }
  }
  return result + "\""
}
