/// Maps of one plane beside each other, over common bins.
package struct HeatMaps: Equatable, Sendable {
  package struct Map: Equatable, Sendable {
    package var name: String
    /// nil where there is nothing, which is left transparent, [y bins, x bins].
    package var values: [Double?]
    package var colours: ColourMap
    /// What the colours cover; values beyond have the last colour.
    package var range: ClosedRange<Double>
    /// What the values are, with their unit: "free energy (kT)".
    package var quantity: String

    package init(
      _ name: String, _ values: [Double?], _ colours: ColourMap, range: ClosedRange<Double>,
      quantity: String
    ) {
      (self.name, self.values, self.colours) = (name, values, colours)
      (self.range, self.quantity) = (range, quantity)
    }
  }

  package var x, y: Axis
  /// The edges of the bins, evenly spaced.
  package var xEdges, yEdges: [Double]
  package var maps: [Map]

  /// - Precondition: Every map has a value for every bin.
  package init(x: Axis, y: Axis, xEdges: [Double], yEdges: [Double], _ maps: [Map]) {
    let count = (xEdges.count - 1) * (yEdges.count - 1)
    for map in maps {
      precondition(map.values.count == count, "\(map.values.count) values for \(count) bins")
    }
    (self.x, self.y, self.xEdges, self.yEdges, self.maps) = (x, y, xEdges, yEdges, maps)
  }

  /// A row a bin, with its edges and the value of every map.
  package var table: FigureTable {
    let (columns, rows) = (xEdges.count - 1, yEdges.count - 1)
    let names = [plain(x.label), plain(y.label)].flatMap { ["\($0) low", "\($0) high"] }
    return FigureTable(
      columns: names + maps.map { plain("\($0.name): \($0.quantity)") },
      rows: (0..<columns).flatMap { column in
        (0..<rows).map { row in
          [xEdges[column], xEdges[column + 1], yEdges[row], yEdges[row + 1]].map { field($0) }
            + maps.map { field($0.values[row * columns + column]) }
        }
      })
  }
}

extension HeatMaps.Map {
  /// The map as a picture, a pixel a bin, the high end of y on top; nothing is transparent.
  func png(columns: Int) -> [UInt8] {
    let rows = values.count / columns
    let span = range.upperBound - range.lowerBound
    var indices: [UInt8] = []
    for row in (0..<rows).reversed() {
      for column in 0..<columns {
        guard let value = values[row * columns + column], value.isFinite || value == .infinity
        else {
          indices.append(0)
          continue
        }
        let share = min(max((value - range.lowerBound) / span, 0), 1)
        indices.append(UInt8(1 + (share * 254).rounded()))
      }
    }
    let palette = (0..<255).map { colours.colour(at: Double($0) / 254) }
    return palettePNG(indices, width: columns, height: rows, palette: [(0, 0, 0)] + palette)
  }
}
