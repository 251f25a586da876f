/// Series of numbers over one common domain, to be drawn and written as a table.
package struct Chart: Equatable, Sendable {
  /// What the values of all series belong to.
  package enum Domain: Equatable, Sendable {
    /// Places on the x axis.
    case points([Double])
    /// Bins, by their edges, [bins + 1].
    case bins([Double])
    /// Names, which stand below each other on the left; values go to the right.
    case categories([String])

    package var count: Int {
      switch self {
      case .points(let points): points.count
      case .bins(let edges): max(0, edges.count - 1)
      case .categories(let names): names.count
      }
    }
  }

  package enum Mark: Equatable, Sendable {
    case line, dashedLine
    /// A step line over bins, with the area below it for ``filledSteps``.
    case steps, dashedSteps, filledSteps
    /// Dots, with whiskers where there are bounds.
    case points
  }

  package struct Series: Equatable, Sendable {
    package var name: String
    package var mark: Mark
    /// Which of the page's colours it has, 0 to 7.
    package var colour: Int
    /// nil where there is no value, [domain].
    package var values: [Double?]
    /// Bounds of the values, a band about a line or whiskers at dots, [domain].
    package var low, high: [Double?]?
    /// The share of the whole that lies below and above the bins.
    package var beyond: (below: Double, above: Double)?

    package init(
      _ name: String, _ mark: Mark, colour: Int, _ values: [Double?], low: [Double?]? = nil,
      high: [Double?]? = nil, beyond: (below: Double, above: Double)? = nil
    ) {
      (self.name, self.mark, self.colour, self.values) = (name, mark, colour, values)
      (self.low, self.high, self.beyond) = (low, high, beyond)
    }

    package static func == (a: Series, b: Series) -> Bool {
      a.name == b.name && a.mark == b.mark && a.colour == b.colour && a.values == b.values
        && a.low == b.low && a.high == b.high && a.beyond?.below == b.beyond?.below
        && a.beyond?.above == b.beyond?.above
    }
  }

  /// A line across the chart at a value, with its name.
  package struct Rule: Equatable, Sendable {
    package var value: Double
    package var name: String
    package var isVertical: Bool

    package init(_ name: String, at value: Double, isVertical: Bool) {
      (self.name, self.value, self.isVertical) = (name, value, isVertical)
    }
  }

  package var x, y: Axis
  package var domain: Domain
  package var series: [Series]
  package var rules: [Rule]

  /// - Precondition: Every series has a value for every place of the domain.
  package init(x: Axis, y: Axis, _ domain: Domain, _ series: [Series], rules: [Rule] = []) {
    for series in series {
      precondition(
        series.values.count == domain.count
          && [series.low, series.high].allSatisfy { ($0?.count ?? domain.count) == domain.count },
        "\(series.values.count) values of \(series.name) for \(domain.count) places")
    }
    (self.x, self.y, self.domain, self.series, self.rules) = (x, y, domain, series, rules)
  }

  /// Whether some share of a series lies outside the bins.
  var hasBeyond: Bool { series.contains { ($0.beyond?.above ?? 0) > 0 } }
}
