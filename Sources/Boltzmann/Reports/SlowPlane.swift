import Evaluation
import Foundation
import Reporting

extension ReportedSimulation {
  /// The plane of the two slowest combinations of the torsions.
  func slowPlaneSection() -> Page.Section? {
    let features = slowFeatures(torsions, angles)
    let shortest = groups.map(\.count).min() ?? 0
    let lag = max(1, min(shortest / 20, Int((20 / record.settings.saveEvery).rounded())))
    guard shortest >= 100,
      let slow = SlowCoordinates(of: features, chains: groups, lag: lag), slow.values.count == 2
    else {
      return Page.Section(
        "Slow coordinates",
        [
          .paragraph(
            "Chains of \(shortest) frames are too short for a plane of slow coordinates (TICA).")
        ])
    }
    let time = Double(lag) * record.settings.saveEvery
    let times = slow.correlations.map { relaxationTime($0, lag: time) }
    return Page.Section(
      "Slow coordinates",
      [
        .figures([
          Figure(
            "slow-plane", title: "Plane of the two slowest coordinates (TICA)",
            caption:
              "Free energy in kT over the two slowest linear combinations of the cosines and "
              + "sines of φ, ψ and χ, at a lag of \(time.fixed(1)) ps. They relax within about "
              + "\(times.joined(separator: " and ")).",
            .maps(
              slowMaps([
                ("simulation", slow.values, [Double](repeating: 1, count: slow.values[0].count))
              ])))
        ])
      ])
  }
}
