import Evaluation
import Reporting

extension EvaluationResult {
  /// The figures of a run beside those published for the system, as aligned columns, for people.
  package func table(of system: MolecularSystem) -> String {
    var table = TextTable([.init(.left), .init(.right), .init(.right), .init(.right)])
    table.rows.append(["", "E-W2 (kT)", "ESS", "T-W2 (rad)"])
    let spread = energyW2Spread > 0 ? " ± \(energyW2Spread.fixed(3))" : ""
    table.rows.append([
      "this run", energyW2.fixed(3) + spread, effectiveSampleSize.fixed(3),
      torusW2?.fixed(3) ?? "–",
    ])
    table.rows.append(["  a perfect sampler of this ESS", energyW2Perfect.fixed(3), "", ""])
    table.rows.append(["  noise floor of the reference", energyW2Floor.fixed(3), "", ""])
    for row in system.description.published ?? [] {
      table.rows.append(
        ["\(row.method), published"]
          + [row.energyW2, row.ess, row.torusW2].map { $0.map { "\($0)" } ?? "–" })
    }
    let title =
      "\(system.description.name), \(system.description.temperature) K, "
      + "\(samples) samples against \(reference) reference frames"
    return ([title, ""] + table.lines + [""] + remarks(self)).joined(separator: "\n") + "\n"
  }
}

private func remarks(_ result: EvaluationResult) -> [String] {
  let dropped = result.nonfiniteLogDensities + result.nonfiniteEnergies
  var lines = [
    "ESS is after the benchmark's clip of the largest 0.2 % of the weights; "
      + "raw \(result.rawEffectiveSampleSize.fixed(4)), "
      + "largest weight \((100 * result.largestWeightShare).fixed(1)) %.",
    "Mean energy \(result.meanReweightedEnergy.fixed(2)) kT reweighted, "
      + "\(result.meanReferenceEnergy.fixed(2)) kT in the reference; "
      + "correct chirality \((100 * result.correctChirality).fixed(2)) %; "
      + "\(dropped) of \(result.samples) samples have weight zero.",
  ]
  if result.effectiveSampleSize * Double(result.samples) < 10 {
    lines.append(
      "Fewer than 10 effective samples: the reweighted figures are noise. "
        + "Train longer or draw more."
    )
  }
  return lines
}
