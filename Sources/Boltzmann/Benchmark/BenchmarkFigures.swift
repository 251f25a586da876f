import Evaluation
import Foundation
import Reporting

/// The figures of one system in a benchmark, a report for each seed, and perhaps one of the mixture of
/// all flows.
package struct BenchmarkFigures {
  package let system: SystemDescription
  package let reports: [EvaluationReport]
  package let mixture: EvaluationReport?

  package static let columns = [
    "system", "seed", "proposals", "energy_w2_kT", "energy_w2_floor_kT", "ess", "ess_capped",
    "ess_raw", "largest_weight_share", "pareto_k", "torus_w2_rad", "eubo", "forward_ess",
  ]

  /// A row for each seed, or the mixture, and budget, as `benchmark.csv` holds them.
  package var rows: [[String]] {
    let seeds = reports.map { $0.drawn.map { "\($0.seed)" } ?? "" }
    let named = Array(zip(seeds, reports)) + (mixture.map { [("mixture", $0)] } ?? [])
    return named.flatMap { seed, report in
      report.result.budgets.map { budget in
        [system.name, seed, "\(budget.proposals)"]
          + ([
            budget.energyW2, budget.energyW2Floor, budget.effectiveSampleSize,
            budget.cappedEffectiveSampleSize, budget.rawEffectiveSampleSize,
            budget.largestWeightShare, budget.paretoShape, budget.torusW2,
            report.result.heldOut?.evidenceUpperBound, report.result.heldOut?.forwardSampleSize,
          ] as [Double?]).map { $0?.fixed(6) ?? "" }
      }
    }
  }

  /// A Markdown table: this program's figures as means and standard deviations over the seeds, a row
  /// for each budget, those of the mixture, and the published ones.
  package var markdown: String {
    let header = [
      "| \(system.name) | proposals | rule | E-W2, kT | floor | ESS | ESS, capped | ESS, raw | T-W2, rad |",
      "|---|---|---|---|---|---|---|---|---|",
    ]
    let own = lines(of: reports) { "\($0) seed\($0 == 1 ? "" : "s")" }
    let mixed = lines(of: mixture.map { [$0] } ?? []) { _ in "a mixture of them" }
    let published = (system.published ?? []).map { row in
      func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "–" }
      let cells = [
        row.method, row.proposals.map { "\($0)" } ?? "?", row.rule ?? "?", text(row.energyW2), "–",
        text(row.ess), text(row.cappedESS), "–", text(row.torusW2),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
    return (header + own + mixed + published).joined(separator: "\n") + "\n"
  }

  /// The rows of the table for some reports: means and standard deviations over those of a budget.
  private func lines(
    of reports: [EvaluationReport], name: (_ count: Int) -> String
  ) -> [String] {
    let budgets = reports.first?.result.budgets.indices ?? 0..<0
    return budgets.map { index in
      let found = reports.compactMap {
        $0.result.budgets.indices.contains(index) ? $0.result.budgets[index] : nil
      }
      let cells = [
        "**tarflow-mol**, \(name(found.count))",
        "\(found[0].proposals)", reports[0].options.rule, spreadText(found.map(\.energyW2)),
        spreadText(found.map(\.energyW2Floor)), spreadText(found.map(\.effectiveSampleSize)),
        spreadText(found.map(\.cappedEffectiveSampleSize)),
        spreadText(found.map(\.rawEffectiveSampleSize)), spreadText(found.compactMap(\.torusW2)),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }
}

/// "0.278 ± 0.075": the mean and the standard deviation; without a deviation for one value.
func spreadText(_ values: [Double]) -> String {
  guard !values.isEmpty else { return "–" }
  let mean = values.reduce(0, +) / Double(values.count)
  guard values.count > 1 else { return mean.fixed(3) }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return "\(mean.fixed(3)) ± \((squares / Double(values.count - 1)).squareRoot().fixed(3))"
}
