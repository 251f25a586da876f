/// One axis of a chart: what it shows, in which unit, and how.
package struct Axis: Equatable, Sendable {
  package enum Scale: Equatable, Sendable {
    case linear, logarithmic
  }

  package var title: String
  /// Empty for a number without a unit.
  package var unit: String
  package var scale: Scale
  /// What the axis covers; nil for the data's own range.
  package var range: ClosedRange<Double>?
  /// The distance of ticks, such as 60 for angles; nil where the axis chooses.
  package var tickStep: Double?

  package init(
    _ title: String, unit: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    tickStep: Double? = nil
  ) {
    (self.title, self.unit, self.scale) = (title, unit, scale)
    (self.range, self.tickStep) = (range, tickStep)
  }

  /// The title with the unit, "energy (kT)".
  package var label: String { unit.isEmpty ? title : "\(title) (\(unit))" }
}

/// An axis with its range and the pixels that it takes.
struct PlacedAxis {
  let scale: Axis.Scale
  let low, high: Double
  /// Where the low and the high end are drawn.
  let start, end: Double

  /// - Parameters:
  ///   - values: What there is to show; on a logarithmic axis what is not positive is left out.
  ///   - isAnchored: Whether a linear axis begins at zero, where all values are positive.
  init(
    _ axis: Axis, values: [Double], isAnchored: Bool = false, margin: Double = 0.04,
    from start: Double, to end: Double
  ) {
    scale = axis.scale
    (self.start, self.end) = (start, end)
    let shown = values.filter { $0.isFinite && (axis.scale == .linear || $0 > 0) }
    var low = axis.range?.lowerBound ?? shown.min() ?? 0
    var high = axis.range?.upperBound ?? shown.max() ?? 1
    if axis.scale == .logarithmic {
      low = max(low, .leastNormalMagnitude)
      if high <= low { (low, high) = (low / 2, low * 2) }
      if axis.range == nil { (low, high) = (low / 1.15, high * 1.15) }
    } else {
      if high <= low { (low, high) = (low - 0.5, low + 0.5) }
      if axis.range == nil {
        let span = high - low
        if isAnchored, low >= 0 { low = 0 } else { low -= margin * span }
        high += margin * span
      }
    }
    (self.low, self.high) = (low, high)
  }

  /// Where a value is drawn; nil where it has no place, on a logarithmic axis.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    case .linear: return start + (value - low) / (high - low) * (end - start)
    case .logarithmic:
      guard value > 0 else { return nil }
      return start + (logarithm(value) - logarithm(low)) / (logarithm(high) - logarithm(low))
        * (end - start)
    }
  }

  /// That of the nearest value that the axis covers.
  func clamped(_ value: Double) -> Double? { place(min(max(value, low), high)) }
}
