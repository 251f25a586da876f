import Evaluation
import Foundation
import Reporting
import Runs

/// The benchmark's figures beside those published, with their budgets.
func publishedSection(of run: ReportedRun) -> Page.Section? {
  guard !run.evaluations.isEmpty else { return nil }
  var rows = run.evaluations.flatMap { report in
    let file = URL(fileURLWithPath: report.reference.path).lastPathComponent
    let name =
      report.reference.fnv1a == run.record.reference?.fnv1a
      ? "this run" : "this run, against \(file)"
    return report.figureRows { _ in name }
  }
  // Evaluations of one budget against one reference are said once.
  rows = rows.enumerated().filter { !rows[..<$0.offset].contains($0.element) }.map(\.element)
  rows += run.evaluation?.limitRows() ?? []
  rows += (run.system.description.published ?? []).map {
    $0.figureRow(number: { $0.fixed(3) }, raw: "–")
  }
  return Page.Section(
    "Benchmark figures",
    [
      .table(
        PageTable(
          "Distances to the reference and effective sample sizes. Figures of other budgets or "
            + "rules "
            + "are not comparable one by one; published rows were scored against other "
            + "trajectories.",
          columns: ["method"] + figureColumns, rows: rows))
    ])
}

/// Stereocentres and cis amides, each with its share of the samples and of the reference.
func stereochemistrySection(of run: ReportedRun) -> Page.Section? {
  guard let result = run.evaluation?.result else { return nil }
  var blocks: [Block] = []
  if !result.stereocentres.isEmpty {
    blocks.append(
      .table(
        PageTable(
          "Stereocentres: the share of all samples, weighted or not, that has the reference's "
            + "handedness.",
          columns: ["stereocentre", "correct in the samples", "same in the reference"],
          rows: result.stereocentres.map {
            [$0.atom, $0.correct.map(percentText) ?? "–", percentText($0.reference)]
          })))
  }
  if !result.amides.isEmpty {
    blocks.append(
      .table(
        PageTable(
          "Peptide bonds: the share that is cis.",
          columns: ["bond", "samples", "reweighted", "reference"],
          rows: result.amides.map {
            [
              $0.bond, percentText($0.cis), percentText($0.reweightedCis),
              percentText($0.referenceCis),
            ]
          })))
  }
  return blocks.isEmpty ? nil : Page.Section("Stereochemistry", blocks)
}

/// What MD is worth at equal evaluations of the energy, where `costs.csv` of the run or of the
/// system
/// says it.
func costSection(of run: ReportedRun) -> Page.Section? {
  let places = ["\(run.folder.path)/costs.csv", "\(run.system.folder)/costs.csv"]
  guard let table = places.lazy.compactMap({ NumberTable(path: $0) }).first,
    let evaluations = table["evaluations"], let distances = table["energy_w2"],
    evaluations.allSatisfy({ $0 != nil })
  else { return nil }
  let spreads = table["energy_w2_spread"] ?? distances.map { _ in nil }
  func bound(_ sign: Double) -> [Double?] {
    zip(distances, spreads).map { distance, spread in
      distance.map { max(1e-6, $0 + sign * (spread ?? 0)) }
    }
  }
  let own = run.evaluation.map {
    [
      Chart.Rule(
        "this run, \($0.result.samples) evaluations", at: $0.result.energyW2, isVertical: false)
    ]
  }
  return Page.Section(
    "Molecular dynamics at equal cost",
    [
      .figures([
        Figure(
          "md-cost", title: "E-W2 of molecular dynamics",
          caption: "The distance of the energies to the reference after so many evaluations of the "
            + "energy, with the spread over samples of chains; the line is this run's, by its "
            + "samples.",
          .chart(
            Chart(
              x: Axis("evaluations of the energy", scale: .logarithmic),
              y: Axis("E-W2", unit: "kT", scale: .logarithmic),
              .points(evaluations.compactMap { $0 }),
              [
                .init(
                  "molecular dynamics", .line, colour: Tint.proposal, distances, low: bound(-1),
                  high: bound(1))
              ], rules: own ?? [])))
      ])
    ])
}
