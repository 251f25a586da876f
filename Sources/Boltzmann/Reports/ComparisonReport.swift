import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles

/// The page that compares several runs of one molecule: energies, free energies, states, weights
/// and
/// losses over each other, with the first run's reference.
///
/// - Parameter records: The records of the runs in place of those in their folders.
/// - Throws: `RunError.badData` when a run is of another molecule than the first; what reading the
///   files throws.
package func comparisonReport(
  of folders: [RunFolder], records: [MoleculeRecord?] = [], context: RunContext
) throws -> Page {
  precondition(folders.count > 1, "a comparison of \(folders.count) runs")
  let runs = try folders.enumerated().map { number, folder in
    try ReportedRun(
      folder, record: records.isEmpty ? nil : records[number], context: context)
  }
  for run in runs.dropFirst() {
    if let difference = moleculeDifference(run.system.topology, runs[0].system.topology) {
      throw RunError.badData(
        path: run.folder.path,
        problem: "is of another molecule than \(runs[0].folder.path): \(difference); compare runs "
          + "of one molecule")
    }
  }
  let names = distinctNames(runs)
  let differences = try energyDifferences(runs.map(\.system), names)
  for difference in differences { context.log.warning("\(difference)") }
  let topology = runs[0].system.topology
  let torsions = NamedTorsion.all(of: topology)
  let profiles =
    (runs[0].reference.map { [("reference", Tint.reference, $0.sample, $0.angles)] } ?? [])
    + runs.enumerated().map { number, run in
      (names[number], Tint.run(number), run.samples.sample, run.samples.angles)
    }
  let sections: [Page.Section?] = [
    comparedSummary(runs, names, differences), try comparedEnergies(runs, names),
    comparedStates(runs, names), torsionSection(torsions, profiles), comparedWeights(runs, names),
    comparedTraining(runs, names), comparedRecords(runs, names),
  ]
  let system = runs[0].system.description
  return Page(
    title: "\(system.name) at \(system.temperature) K: \(runs.count) runs",
    subtitle: names.joined(separator: ", "), sections: sections.compactMap { $0 },
    footer: "Made by \(context.program) from the files of the runs' folders.")
}

/// The names of the runs' folders, longer where two are the same.
private func distinctNames(_ runs: [ReportedRun]) -> [String] {
  let names = runs.map(\.name)
  return Set(names).count == names.count ? names : runs.map(\.folder.path)
}

/// Which runs are of another energy than the first, a clause each.
///
/// - Parameters:
///   - systems: What each run is of, [runs].
///   - names: What the runs are called, [runs].
/// - Throws: `RunError.missing` when a topology is not there.
func energyDifferences(_ systems: [MolecularSystem], _ names: [String]) throws -> [String] {
  let first = try ModelTarget(of: systems[0])
  return try zip(names, systems).dropFirst().compactMap { name, system in
    try first.difference(from: ModelTarget(of: system).notes).map { key, found, wanted in
      "\(name) is of another energy than \(names[0]), whose temperature and reference the page "
        + "shows: its \(key) is \(found), not \(wanted)"
    }
  }
}

private func comparedSummary(
  _ runs: [ReportedRun], _ names: [String], _ differences: [String]
) -> Page.Section {
  let verdicts = runs.map { verdict(of: $0) }
  let grades = ["good": "usable", "caution": "with care", "bad": "not usable"]
  return Page.Section(
    "Summary",
    [
      .table(
        PageTable(
          "What each run is worth. Effective samples count all weights; E-W2 is the distance of "
            + "the "
            + "energies to the reference.",
          columns: [
            "run", "verdict", "samples", "effective samples", "ESS", "Pareto k", "largest share",
            "E-W2 (kT)", "T-W2 (rad)",
          ],
          rows: runs.indices.map { number in
            let (run, weights) = (runs[number], runs[number].weights)
            let result = run.evaluation?.result
            let error = result.map { $0.budgets.first?.energyW2Error ?? $0.energyW2Spread }
            return [
              names[number], grades[verdicts[number].grade.rawValue] ?? "",
              "\(weights.values.count)", "\(Int(run.effectiveSamples.rounded()))",
              weights.effectiveSampleSize.fixed(3),
              ParetoTail(logWeights: weights.values)?.shape.fixed(2) ?? "–",
              percentText(weights.largestShare),
              result.map { "\($0.energyW2.fixed(3)) ± \((error ?? 0).fixed(3))" } ?? "–",
              result?.torusW2?.fixed(3) ?? "–",
            ]
          })),
      .list(zip(names, verdicts).map { "\($0): \($1.headline)" } + differences.map { "\($0)." }),
    ])
}

/// The edges of the bins that energies of several runs are counted in, kT.
///
/// - Parameters:
///   - reference: Energies of the reference; without one, those of the first run's samples but for
///     clashes say where the bins are.
///   - samples: Energies of the samples, [runs][samples]; not all need be finite.
func comparedEdges(
  reference: [Double]?, samples: [[Double]]
) throws(EvaluationError) -> [Double] {
  let all = samples.flatMap(\.self)
  return try EnergyHistogram(
    reference: reference ?? bulk(of: samples[0].filter(\.isFinite)), proposals: all,
    weights: all.map { _ in 1 }, bins: 80
  ).edges
}

private func comparedEnergies(
  _ runs: [ReportedRun], _ names: [String]
) throws(EvaluationError) -> Page.Section {
  let edges = try comparedEdges(
    reference: runs[0].reference?.energies, samples: runs.map(\.samples.energies))
  func series(_ scale: Axis.Scale) -> [Chart.Series] {
    func heights(_ values: [Double]) -> [Double?] {
      values.map { scale == .logarithmic && $0 <= 0 ? nil : $0 }
    }
    let reference =
      runs[0].reference.map { set -> [Chart.Series] in
        let (densities, beyond) = histogram(
          set.energies, weights: set.sample.weights, edges: edges)
        return [
          Chart.Series(
            "reference", .filledSteps, colour: Tint.reference, heights(densities), beyond: beyond)
        ]
      } ?? []
    return reference
      + runs.enumerated().map { number, run in
        let (densities, beyond) = histogram(
          run.samples.energies, weights: run.samples.sample.weights, edges: edges)
        return Chart.Series(
          names[number], .steps, colour: Tint.run(number), heights(densities), beyond: beyond)
      }
  }
  // Half of what a single conformation is in the largest set.
  let counts = runs.map(\.samples.sample.rows) + [runs[0].reference?.sample.rows ?? 1]
  let least = 0.5 / Double(counts.max() ?? 1) / (edges[1] - edges[0])
  let highest = series(.linear).flatMap { $0.values.compactMap { $0 } }.max() ?? 1
  func figure(_ name: String, _ title: String, _ scale: Axis.Scale) -> Figure {
    Figure(
      name, title: title,
      caption: "Reweighted energies of every run; the column on the right holds what lies beyond.",
      .chart(
        Chart(
          x: Axis(
            "potential energy", unit: "kT", range: edges[0]...edges[edges.count - 1]),
          y: Axis(
            "probability density", unit: "1/kT", scale: scale,
            range: scale == .logarithmic ? least...max(2 * least, 2 * highest) : nil),
          .bins(edges), series(scale))))
  }
  return Page.Section(
    "Energies",
    [
      .figures([
        figure("energy-linear", "Energy distributions", .linear),
        figure("energy-logarithmic", "Energy distributions, logarithmic", .logarithmic),
      ])
    ])
}

private func comparedStates(_ runs: [ReportedRun], _ names: [String]) -> Page.Section {
  let states = runs[0].analysis.states.map(\.name)
  let reference =
    runs[0].reference == nil
    ? []
    : [
      populationSeries(
        "reference", Tint.reference,
        runs[0].analysis.states.map(\.population.referenceEstimate))
    ]
  let own = runs.enumerated().map { number, run in
    populationSeries(
      names[number], Tint.run(number),
      states.map { name in
        run.analysis.states.first { $0.name == name }?.population.estimate
      })
  }
  return Page.Section(
    "States",
    [
      .figures([
        Figure(
          "populations", title: "Populations of states",
          caption: "Whiskers are 95 % intervals. States that are never visited have no dot.",
          .chart(
            Chart(
              x: Axis("state"), y: Axis("population", unit: "%", scale: .logarithmic),
              .categories(states), reference + own)))
      ])
    ])
}

private func comparedWeights(_ runs: [ReportedRun], _ names: [String]) -> Page.Section {
  let places = logarithmicPlaces(runs.map { $0.samples.sample.rows }.max() ?? 1)
  return Page.Section(
    "Weights",
    [
      .figures([
        Figure(
          "sorted-weights", title: "Share of the weight that the heaviest samples carry",
          caption: "The higher a curve lies on the left, the fewer samples decide.",
          .chart(
            Chart(
              x: Axis("heaviest samples", scale: .logarithmic),
              y: Axis("share of the weight", unit: "%", range: 0...100),
              .points(places.map(Double.init)),
              runs.enumerated().map { number, run in
                var sum = 0.0
                let sums = run.samples.sample.weights.sorted(by: >).map { weight in
                  sum += weight
                  return 100 * min(1, sum)
                }
                return .init(
                  names[number], .line, colour: Tint.run(number),
                  places.map { $0 <= sums.count ? sums[$0 - 1] : nil })
              })))
      ])
    ])
}

private func comparedRecords(_ runs: [ReportedRun], _ names: [String]) -> Page.Section {
  Page.Section(
    "Provenance",
    zip(names, runs).map { name, run in
      .folded(
        title: "\(name): \(run.record.program), seed \(run.record.seed)",
        text: (try? readText(path: run.folder.record)) ?? "")
    })
}
