import Evaluation
import Foundation
import Reporting

/// Populations of states and their free energies, as charts and as a table.
func stateSection(of analysis: AnalysisResult) -> Page.Section {
  let states = analysis.states
  let hasReference = analysis.reference != nil
  let names = states.map(\.name)
  func energies(
    _ name: String, _ tint: Int, _ estimate: (AnalysisResult.Compared) -> Estimate?
  ) -> Chart.Series {
    let estimates = states.map { $0.freeEnergy.flatMap(estimate) }
    return Chart.Series(
      name, .points, colour: tint, estimates.map { $0?.value },
      low: estimates.map { $0.map { $0.value - $0.reach } },
      high: estimates.map { $0.map { $0.value + $0.reach } })
  }
  let own =
    hasReference ? "reweighted" : analysis.sample.kind == .chains ? "simulation" : "reweighted"
  let shares =
    (hasReference
      ? [
        populationSeries(
          "reference", Tint.reference, states.map(\.population.referenceEstimate))
      ]
      : [])
    + [populationSeries(own, Tint.reweighted, states.map(\.population.estimate))]
  let freeEnergies =
    (hasReference ? [energies("reference", Tint.reference) { $0.referenceEstimate }] : [])
    + [energies(own, Tint.reweighted) { $0.estimate }]
  return Page.Section(
    "States",
    [
      .figures([
        Figure(
          "populations", title: "Populations of states",
          caption: "Alpha, beta, PPII and left are regions of φ and ψ, cis of ω. Whiskers are 95 % "
            + "intervals. States that are never visited have no dot.",
          .chart(
            Chart(
              x: Axis("state"), y: Axis("population", unit: "%", scale: .logarithmic),
              .categories(names), shares))),
        Figure(
          "free-energies", title: "Free energies of states",
          caption: "−ln(p/(1 − p)), the free energy of each state above all others, with 95 % "
            + "intervals. Where one of both has never been visited there is no dot.",
          .chart(
            Chart(
              x: Axis("state"), y: Axis("free energy", unit: "kT"), .categories(names),
              freeEnergies, rules: [.init("", at: 0, isVertical: true)]))),
      ]),
      .table(stateTable(analysis)),
    ] + (analysis.remarks.isEmpty ? [] : [.list(analysis.remarks)]))
}

private func stateTable(_ analysis: AnalysisResult) -> PageTable {
  let hasReference = analysis.reference != nil
  func text(_ value: Double?, _ error: Double?, factor: Double = 1, _ decimals: Int) -> String {
    guard let value else { return "–" }
    return "\(signedText(factor * value, decimals)) ± \((factor * (error ?? 0)).fixed(decimals))"
  }
  return PageTable(
    "Populations and free energies, with standard errors"
      + (hasReference ? "; σ is the difference of ΔF in standard errors of both together." : "."),
    columns: ["state", "population (%)"] + (hasReference ? ["reference (%)"] : []) + ["ΔF (kT)"]
      + (hasReference ? ["reference (kT)", "σ"] : []),
    rows: analysis.states.map { state in
      let (share, energy) = (state.population, state.freeEnergy)
      func population(_ bound: Double?, _ value: Double?, _ error: Double?) -> String {
        bound.map { "< \((100 * $0).fixed(3))" } ?? text(value, error, factor: 100, 2)
      }
      return [state.name, population(state.upperBound, share.value, share.error)]
        + (hasReference
          ? [population(state.referenceUpperBound, share.reference, share.referenceError)] : [])
        + [text(energy?.value, energy?.error, 3)]
        + (hasReference
          ? [
            text(energy?.reference, energy?.referenceError, 3),
            energy?.difference.map { ($0 >= 0 ? "+" : "−") + abs($0).fixed(1) } ?? "–",
          ] : [])
    })
}
