import Evaluation
import Reporting

/// The columns of the benchmark's figures after the name of the method, as ``EvaluationReport`` and
/// published figures have rows for them.
let figureColumns = [
  "E-W2 (kT)", "ESS", "ESS, capped", "ESS, raw", "T-W2 (rad)", "proposals", "rule", "points",
]

extension EvaluationReport {
  /// A row for each number of proposals.
  ///
  /// - Parameter name: That of a row; nil stands for the run's first proposals.
  func figureRows(named name: (_ budget: BudgetFigures?) -> String) -> [[String]] {
    func row(
      _ name: String, _ proposals: Int, energyW2: Double, error: Double, sizes: [Double?],
      torusW2: Double?
    ) -> [String] {
      [name, energyW2.fixed(3) + (error > 0 ? " ± \(error.fixed(3))" : "")]
        + (sizes + [torusW2]).map { $0?.fixed(3) ?? "–" }
        + ["\(proposals)", options.rule, torusW2 == nil ? "–" : "\(torusPoints)"]
    }
    let first = result.budgets.first
    return [
      row(
        name(nil), result.samples, energyW2: result.energyW2,
        error: first?.energyW2Error ?? result.energyW2Spread,
        sizes: [
          result.effectiveSampleSize, first?.cappedEffectiveSampleSize,
          result.rawEffectiveSampleSize,
        ], torusW2: result.torusW2)
    ]
      + result.budgets.dropFirst().map { budget in
        row(
          name(budget), budget.proposals, energyW2: budget.energyW2, error: budget.energyW2Error,
          sizes: [
            budget.effectiveSampleSize, budget.cappedEffectiveSampleSize,
            budget.rawEffectiveSampleSize,
          ], torusW2: budget.torusW2)
      }
  }

  /// What E-W2 could be at best: that of a perfect sampler of the ESS, where it is known, for each
  /// number of proposals, and the noise floor.
  func limitRows(indent: String = "") -> [[String]] {
    func row(_ name: String, _ energyW2: Double) -> [String] {
      [indent + name, energyW2.fixed(3)]
        + [String](repeating: "", count: figureColumns.count - 1)
    }
    let more = result.budgets.dropFirst()
    let name = "a perfect sampler of this ESS"
    let perfect =
      [(more.isEmpty ? name : "\(name), \(result.samples)", result.energyW2Perfect)]
      + more.map { ("\(name), \($0.proposals)", $0.energyW2Perfect) }
    return perfect.compactMap { name, distance in distance.map { row(name, $0) } }
      + [row("noise floor of the reference", result.energyW2Floor)]
  }

  /// How many points of each set T-W2 compares, which are no more than there are.
  var torusPoints: Int { min(options.torusPoints, result.samples, result.reference) }
}

extension SystemDescription.Published {
  /// The row of published figures.
  ///
  /// - Parameters:
  ///   - number: The text of a figure.
  ///   - raw: That of the ESS over all weights, which is never published.
  func figureRow(number: (Double) -> String, raw: String) -> [String] {
    func text(_ value: Double?) -> String { value.map(number) ?? "–" }
    return [
      "\(method), published", text(energyW2), text(ess), text(cappedESS), raw, text(torusW2),
      proposals.map { "\($0)" } ?? "?", rule ?? "?",
      torusW2 == nil ? "–" : points.map { "\($0)" } ?? "?",
    ]
  }
}
