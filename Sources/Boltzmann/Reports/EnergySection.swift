import Evaluation
import Foundation
import Reporting

/// Histograms of the energies, on a linear and on a logarithmic scale.
func energySection(of run: ReportedRun) throws(EvaluationError) -> Page.Section {
  let reference = run.reference?.energies ?? []
  let isThere = !reference.isEmpty
  let finite = run.samples.energies.filter(\.isFinite)
  // Without a reference the proposals themselves say where the bins are.
  let base = isThere ? reference : bulk(of: finite)
  let histogram = try EnergyHistogram(
    reference: base, proposals: run.samples.energies, weights: run.samples.sample.weights, bins: 80
  )
  let counts = run.samples.sample.rows
  let caption =
    "Probability per kT of the potential energy U/kT, \(counts.grouped) samples"
    + (isThere ? " against \(reference.count.grouped) frames of the reference" : "") + ". "
    + "The flow proposes the dashed curve; its weights turn it into the solid one"
    + (isThere ? ", which has to lie on the reference" : "")
    + ". The column on the right holds what lies beyond the axis, "
    + "\(percentText(histogram.proposal.above)) "
    + "of the proposals with \(percentText(histogram.reweighted.above)) of the weight."
  // Half of what a single conformation is in the larger set.
  let width = histogram.edges[1] - histogram.edges[0]
  let least = 0.5 / Double(max(counts, reference.count, 1)) / width
  let highest =
    [histogram.reference, histogram.proposal, histogram.reweighted]
    .flatMap(\.densities).max() ?? 1
  func figure(_ name: String, _ title: String, _ scale: Axis.Scale) -> Figure {
    func heights(_ series: EnergyHistogram.Series) -> [Double?] {
      series.densities.map { scale == .logarithmic && $0 <= 0 ? nil : $0 }
    }
    func beyond(_ series: EnergyHistogram.Series) -> (below: Double, above: Double) {
      (series.below, series.above)
    }
    let own = [
      Chart.Series(
        "proposal", .dashedSteps, colour: Tint.proposal, heights(histogram.proposal),
        beyond: beyond(histogram.proposal)),
      Chart.Series(
        "reweighted", .steps, colour: Tint.reweighted, heights(histogram.reweighted),
        beyond: beyond(histogram.reweighted)),
    ]
    let other =
      isThere
      ? [
        Chart.Series(
          "reference", .filledSteps, colour: Tint.reference, heights(histogram.reference),
          beyond: beyond(histogram.reference))
      ] : []
    return Figure(
      name, title: title, caption: caption,
      .chart(
        Chart(
          x: Axis("potential energy", unit: "kT", range: range(histogram.edges)),
          y: Axis(
            "probability density", unit: "1/kT", scale: scale,
            range: scale == .logarithmic ? least...max(2 * least, 2 * highest) : nil),
          .bins(histogram.edges),
          other + own)))
  }
  return Page.Section(
    "Energies",
    [
      .figures([
        figure("energy-linear", "Energy distribution", .linear),
        figure("energy-logarithmic", "Energy distribution, logarithmic", .logarithmic),
      ])
    ])
}

private func range(_ edges: [Double]) -> ClosedRange<Double> {
  (edges.first ?? 0)...(edges.last ?? 1)
}

/// The energies without the largest, which clashes have.
func bulk(of energies: [Double]) -> [Double] {
  guard let least = energies.min() else { return [0, 1] }
  let high = quantile(energies, 0.95)
  return energies.filter { $0 <= max(high, least + 1) }
}
