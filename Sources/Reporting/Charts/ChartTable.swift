/// Numbers behind a figure: names of columns and rows of fields, empty where there is no value.
package struct FigureTable: Equatable, Sendable {
  package var columns: [String]
  package var rows: [[String]]

  package var csv: String { csvText(columns: columns, rows: rows) }
}

extension Chart {
  /// The drawn numbers, a row for each place of the domain; bins have their two edges.
  ///
  /// Bounds stand beside their values as "NAME low" and "NAME high". What lies beyond the bins has
  /// rows of its own, whose values are shares (`ChartTests`).
  package var table: FigureTable {
    var columns: [String]
    var places: [[String]]
    let name = plain(x.label)
    switch domain {
    case .points(let points): (columns, places) = ([name], points.map { [field($0)] })
    case .bins(let edges):
      columns = ["\(name) low", "\(name) high"]
      places = zip(edges, edges.dropFirst()).map { [field($0), field($1)] }
    case .categories(let names):
      (columns, places) = ([plain(x.title)], names.map { [plain($0)] })
    }
    for series in series {
      let name = plain(series.name)
      columns.append(name)
      if series.low != nil { columns += ["\(name) low", "\(name) high"] }
      for row in places.indices {
        places[row].append(field(series.values[row]))
        if let low = series.low, let high = series.high {
          places[row] += [field(low[row]), field(high[row])]
        }
      }
    }
    if case .bins(let edges) = domain, series.contains(where: { $0.beyond != nil }),
      let first = edges.first, let last = edges.last
    {
      func row(_ bounds: [String], _ share: (Series) -> Double?) -> [String] {
        bounds + series.flatMap { [field(share($0))] + ($0.low == nil ? [] : ["", ""]) }
      }
      places.insert(row(["-inf", field(first)]) { $0.beyond?.below }, at: 0)
      places.append(row([field(last), "inf"]) { $0.beyond?.above })
    }
    return FigureTable(columns: columns, rows: places)
  }
}

/// A number as a field of CSV.
func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

/// A text without what separates fields and lines.
func plain(_ text: String) -> String {
  text.replacing(",", with: ";").replacing("\n", with: " ")
}
