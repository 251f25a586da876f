import Evaluation
import Foundation
import Reporting

/// The cosines and sines of the torsions that turn slowly, all but ω: [features][rows].
///
/// - Parameter angles: [torsions][rows], rad.
func slowFeatures(_ torsions: [NamedTorsion], _ angles: [[Double]]) -> [[Double]] {
  torsions.indices.filter { torsions[$0].kind != "omega" }
    .flatMap { [angles[$0].map(cos), angles[$0].map(sin)] }
}

/// The section of the slow coordinates without a plane, and why.
func slowPlaneSection(none reason: String) -> Page.Section {
  Page.Section(
    "Slow coordinates",
    [.paragraph("There is no plane of slow coordinates (TICA): \(reason).")])
}

/// The section of the plane of the two slowest combinations of the torsions.
///
/// - Parameters:
///   - words: What the caption says after what the maps show.
///   - sets: Names, coordinates [2][rows] and weights [rows].
func slowPlaneSection(
  _ words: String, _ sets: [(name: String, values: [[Double]], weights: [Double])]
) -> Page.Section {
  Page.Section(
    "Slow coordinates",
    [
      .figures([
        Figure(
          "slow-plane", title: "Plane of the two slowest coordinates (TICA)",
          caption: "Free energy in kT over the two slowest linear combinations of the cosines and "
            + "sines of φ, ψ and χ, \(words)",
          .maps(slowMaps(sets)))
      ])
    ])
}

/// Free energies over the plane of two slow coordinates, on axes that hold all but 0.1 % of the
/// first set.
private func slowMaps(
  _ sets: [(name: String, values: [[Double]], weights: [Double])]
) -> HeatMaps {
  let bins = 60
  let axes = sets[0].values.map { values in
    let (low, high) = (quantile(values, 0.0005), quantile(values, 0.9995))
    let margin = 0.05 * max(high - low, 1e-6)
    return edges(from: low - margin, to: high + margin, bins)
  }
  return HeatMaps(
    x: Axis("first"), y: Axis("second"), xEdges: axes[0], yEdges: axes[1],
    sets.map { set in
      var shares = [Double](repeating: 0, count: bins * bins)
      for row in set.weights.indices {
        let places = zip(set.values, axes).map { values, edges in
          ((values[row] - edges[0]) / (edges[bins] - edges[0]) * Double(bins)).rounded(.down)
        }
        if places.allSatisfy((0..<Double(bins)).contains) {
          shares[Int(places[1]) * bins + Int(places[0])] += set.weights[row]
        }
      }
      return .init(
        set.name, freeEnergies(ofShares: shares), .viridis, range: 0...8,
        quantity: "free energy (kT)")
    })
}

/// After what time a correlation at a lag has fallen to 1/e, in words.
func relaxationTime(_ correlation: Double, lag time: Double) -> String {
  (0.0..<1.0).contains(correlation) && correlation > 0
    ? "\((-time / log(correlation)).fixed(0)) ps" : "unknown"
}
