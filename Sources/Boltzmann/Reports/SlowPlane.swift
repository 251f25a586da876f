import Evaluation
import Foundation
import Reporting

extension ReportedSimulation {
  /// The plane of the two slowest combinations of the torsions.
  func slowSection() -> Page.Section {
    let features = slowFeatures(torsions, angles)
    let shortest = groups.map(\.count).min() ?? 0
    let lag = max(1, min(shortest / 20, Int((20 / record.settings.saveEvery).rounded())))
    guard shortest >= 100,
      let slow = SlowCoordinates(of: features, chains: groups, lag: lag), slow.values.count == 2
    else {
      return slowPlaneSection(none: "chains of \(shortest) frames are too short")
    }
    let time = Double(lag) * record.settings.saveEvery
    let times = slow.correlations.map { relaxationTime($0, lag: time) }
    return slowPlaneSection(
      "at a lag of \(time.fixed(1)) ps. They relax within about \(times.joined(separator: " and ")).",
      [("simulation", slow.values, [Double](repeating: 1, count: slow.values[0].count))])
  }
}
