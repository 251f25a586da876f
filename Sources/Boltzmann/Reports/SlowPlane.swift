import Evaluation
import Foundation
import Reporting

extension ReportedSimulation {
  /// The plane of the two slowest combinations of the torsions.
  func slowPlaneSection() -> Page.Section? {
    let chosen = torsions.indices.filter { torsions[$0].kind != "omega" }
    let features = chosen.flatMap { [angles[$0].map(cos), angles[$0].map(sin)] }
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
    let bins = 60
    let axes = slow.values.map { values in
      let (low, high) = (quantile(values, 0.0005), quantile(values, 0.9995))
      let margin = 0.05 * max(high - low, 1e-6)
      return edges(from: low - margin, to: high + margin, bins)
    }
    var shares = [Double](repeating: 0, count: bins * bins)
    for row in slow.values[0].indices {
      let places = zip(slow.values, axes).map { values, edges in
        Int(((values[row] - edges[0]) / (edges[bins] - edges[0]) * Double(bins)).rounded(.down))
      }
      if places.allSatisfy((0..<bins).contains) { shares[places[1] * bins + places[0]] += 1 }
    }
    let largest = shares.max() ?? 1
    let time = Double(lag) * record.settings.saveEvery
    let times = slow.correlations.map { correlation in
      (0.0..<1.0).contains(correlation) && correlation > 0
        ? "\((-time / log(correlation)).fixed(0)) ps" : "unknown"
    }
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
              HeatMaps(
                x: Axis("first"), y: Axis("second"), xEdges: axes[0], yEdges: axes[1],
                [
                  .init(
                    "simulation", shares.map { $0 > 0 ? -log($0 / largest) + 0 : nil }, .viridis,
                    range: 0...8, quantity: "free energy (kT)")
                ])))
        ])
      ])
  }
}
