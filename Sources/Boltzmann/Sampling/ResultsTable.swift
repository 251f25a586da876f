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
      + "correct chirality \(chirality(result)); "
      + "\(dropped) of \(result.samples) samples have weight zero.",
  ]
  if let amides = amides(result) { lines.append(amides) }
  if result.effectiveSampleSize * Double(result.samples) < 10 {
    lines.append(
      "Fewer than 10 effective samples: the reweighted figures are noise. "
        + "Train longer or draw more."
    )
  }
  return lines
}

/// The share of correct samples, and the stereocentre that is wrong most often.
private func chirality(_ result: EvaluationResult) -> String {
  guard let correct = result.correctChirality else { return "not determined" }
  let worst = result.stereocentres.min { ($0.correct ?? 1) < ($1.correct ?? 1) }
  guard let worst, let share = worst.correct, share < 1 else { return percent(correct) }
  return "\(percent(correct)) (lowest at \(worst.atom), \(percent(share)))"
}

/// How often amides are cis, on average and where most; nil for a molecule without amides.
private func amides(_ result: EvaluationResult) -> String? {
  let amides = result.amides
  guard let most = amides.max(by: { abs($0.cis - $0.referenceCis) < abs($1.cis - $1.referenceCis) })
  else { return nil }
  func mean(_ share: KeyPath<AmideFigures, Double>) -> String {
    percent(amides.reduce(0) { $0 + $1[keyPath: share] } / Double(amides.count))
  }
  let line =
    "Cis amides: \(mean(\.cis)) in the samples, \(mean(\.reweightedCis)) reweighted, "
    + "\(mean(\.referenceCis)) in the reference"
  let (here, there) = (percent(most.cis), percent(most.referenceCis))
  return here == there
    ? line + "." : line + "; at \(most.bond) \(here) in the samples, \(there) in the reference."
}

private func percent(_ share: Double) -> String { "\((100 * share).fixed(2)) %" }
