import Testing

/// Expects every element to be within `absolute + relative · |expected|`, and reports the worst.
package func expectClose(
  _ found: [Double], _ expected: [Double], absolute: Double = 0, relative: Double = 0,
  _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    Issue.record(
      "\(label): \(found.count) elements, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  var worst = 0.0
  var place = -1
  for index in found.indices {
    let allowed = absolute + relative * abs(expected[index])
    let deviation = abs(found[index] - expected[index])
    let excess = deviation <= allowed ? deviation / max(allowed, .leastNormalMagnitude) : .infinity
    if !(excess <= 1) || found[index].isNaN {
      if place < 0 || !(deviation <= worst) { (worst, place) = (deviation, index) }
    }
  }
  if place >= 0 {
    Issue.record(
      "\(label)[\(place)]: found \(found[place]), expected \(expected[place]), off by \(worst)",
      sourceLocation: sourceLocation)
  }
}
