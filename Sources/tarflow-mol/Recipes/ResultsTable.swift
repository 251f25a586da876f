import Evaluation

/// The results of a run beside those published for the system, as aligned columns.
func resultsTable(_ result: EvaluationResult, system: MolecularSystem) -> String {
  var rows = [["", "E-W2 (kT)", "ESS", "T-W2 (rad)"]]
  let spread = result.energyW2Spread > 0 ? " ± \(decimal(result.energyW2Spread, 3))" : ""
  rows.append([
    "this run", decimal(result.energyW2, 3) + spread, decimal(result.effectiveSampleSize, 3),
    result.torusW2.map { decimal($0, 3) } ?? "–",
  ])
  rows.append(["  a perfect sampler of this ESS", decimal(result.energyW2Perfect, 3), "", ""])
  rows.append(["  noise floor of the reference", decimal(result.energyW2Floor, 3), "", ""])
  for row in system.description.published ?? [] {
    rows.append(
      ["\(row.method), published"]
        + [row.energyW2, row.ess, row.torusW2].map { $0.map { "\($0)" } ?? "–" })
  }
  let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
  func padded(_ row: [String]) -> String {
    zip(row, widths).enumerated().map { column, pair in
      let blanks = String(repeating: " ", count: pair.1 - pair.0.count)
      return column == 0 ? pair.0 + blanks : blanks + pair.0
    }.joined(separator: "   ")
  }
  let title =
    "\(system.description.name), \(system.description.temperature) K, \(result.samples) samples against "
    + "\(result.reference) reference frames"
  return ([title, ""] + rows.map(padded) + [""] + remarks(result)).joined(separator: "\n") + "\n"
}

private func remarks(_ result: EvaluationResult) -> [String] {
  let dropped = result.nonfiniteLogDensities + result.nonfiniteEnergies
  var lines = [
    "ESS is after the benchmark's clip of the largest 0.2 % of the weights; raw \(decimal(result.rawEffectiveSampleSize, 4)), "
      + "largest weight \(decimal(100 * result.largestWeightShare, 1)) %.",
    "Mean energy \(decimal(result.meanReweightedEnergy, 2)) kT reweighted, \(decimal(result.meanReferenceEnergy, 2)) kT in "
      + "the reference; correct chirality \(decimal(100 * result.correctChirality, 2)) %; "
      + "\(dropped) of \(result.samples) samples have weight zero.",
  ]
  if result.effectiveSampleSize * Double(result.samples) < 10 {
    lines.append(
      "Fewer than 10 effective samples: the reweighted figures are noise. Train longer or draw more."
    )
  }
  return lines
}
