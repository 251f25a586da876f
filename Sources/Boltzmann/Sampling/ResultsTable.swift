import Evaluation
import Foundation
import Reporting

extension EvaluationReport {
  /// The figures of a run beside those published for the system, as aligned columns, for people.
  ///
  /// Each row has its budget, its rule and the points of its T-W2. A published row of another
  /// budget or rule than this run's is marked, as is a T-W2 on another number of points.
  package func table(of system: MolecularSystem) -> String {
    let budgets = [result.samples] + result.budgets.dropFirst().map(\.proposals)
    let published = (system.description.published ?? []).map { row in
      (
        row: row,
        sameRule: row.rule == options.rule && budgets.contains { $0 == row.proposals }
      )
    }
    // A mark behind T-W2, in the sixth column, has a place of its own.
    func marked(_ row: [String], _ mark: String = " ") -> [String] {
      row.enumerated().map { $0 == 5 ? $1 + mark : $1 }
    }
    var table = TextTable(
      [.init(.left)] + [TextTable.Column](repeating: .init(.right), count: 6)
        + [.init(.left), .init(.right)])
    let own = figureRows { budget in
      budget.map { "this run, resampled to \($0.draws)" } ?? "this run"
    }
    table.rows = ([[""] + figureColumns] + own).map { marked($0) } + limitRows(indent: "  ")
    for (row, sameRule) in published {
      var cells = row.figureRow(number: { "\($0)" }, raw: "")
      cells[0] += (sameRule ? "" : " ¹") + (row.differs == nil ? "" : " ³")
      table.rows.append(marked(cells, hasOtherPoints(row) ? "²" : " "))
    }
    var remarks = remarks(self)
    if published.contains(where: { !$0.sameRule }) {
      remarks.append(
        "¹ Another number of proposals or another rule than this run's, or not known (?): "
          + "not comparable figure by figure.")
    }
    if published.contains(where: { hasOtherPoints($0.row) }) {
      remarks.append(
        "² On another number of points, or not known (?), on which T-W2 depends.")
    }
    for (row, _) in published {
      if let differs = row.differs { remarks.append("³ \(row.method): \(differs).") }
    }
    let title =
      "\(system.description.name), \(system.description.temperature) K, "
      + "\(result.samples) samples against \(result.reference) reference frames"
    return ([title, ""] + table.lines + [""] + remarks).joined(separator: "\n") + "\n"
  }

  private func hasOtherPoints(_ row: SystemDescription.Published) -> Bool {
    row.torusW2 != nil && row.points != torusPoints
  }
}

private func remarks(_ report: EvaluationReport) -> [String] {
  let (result, clip) = (report.result, report.options.clippedFraction)
  let dropped = result.nonfiniteLogDensities + result.nonfiniteEnergies
  let effective = result.effectiveSampleSize * Double(result.samples)
  var lines = [
    "\(clipText(clip)); ESS, raw (\(result.rawEffectiveSampleSize.fixed(4))) is over all weights, "
      + "the largest of which has \((100 * result.largestWeightShare).fixed(1)) %.",
    "Mean energy \(result.meanReweightedEnergy.fixed(2)) kT reweighted with all weights, "
      + "\(result.meanReferenceEnergy.fixed(2)) kT in the reference; "
      + "correct chirality \(chirality(result)); "
      + "\(dropped) of \(result.samples) samples have weight zero.",
  ]
  if let amides = amides(result) { lines.append(amides) }
  lines += [tail(result), torusFloor(result), populations(result), heldOut(result)].compactMap {
    $0
  }
  if result.energyW2Perfect == nil {
    lines.append(
      "What a perfect sampler of this ESS would score is left out: \(effective.fixed(1)) effective "
        + "samples are fewer than the \(leastEffectiveSamples.fixed(0)) that the estimate needs.")
  }
  if effective < 10 {
    lines.append(
      "Fewer than 10 effective samples: the reweighted figures are noise. "
        + "Train longer or draw more."
    )
  }
  return lines
}

/// The capped effective sample size and the tail of the weights of most proposals.
private func tail(_ result: EvaluationResult) -> String? {
  guard let budget = result.budgets.last else { return nil }
  let cap = String(format: "%g", 100 * LogWeights.cappedShare)
  let size =
    "ESS, capped (\(withError(budget.cappedEffectiveSampleSize, budget.cappedEffectiveSampleSizeError, 3))"
    + " of \(budget.proposals)), has the largest \(cap) % of all weights set to a threshold"
  guard let shape = budget.paretoShape, let error = budget.paretoShapeError else {
    return size + "."
  }
  let k = "Pareto k of the weights' tail is \(withError(shape, error, 2))"
  guard shape > ParetoTail.largestReliableShape else { return "\(size); \(k)." }
  return "\(size).\n\(k), above \(ParetoTail.largestReliableShape): a few proposals decide, and "
    + "neither ESS nor averages can be trusted. Train longer or draw more."
}

/// T-W2 beside that within the reference.
private func torusFloor(_ result: EvaluationResult) -> String? {
  result.torusFloor.map { floor in
    "T-W2 on \(floor.points) points: \(withError(floor.proposals, floor.proposalsError, 3)), between "
      + "the two halves of the reference \(withError(floor.halves, floor.halvesError, 3))."
  }
}

/// How often φ is positive, residue by residue.
private func populations(_ result: EvaluationResult) -> String? {
  guard !result.populations.isEmpty else { return nil }
  let shares = result.populations.map { state in
    "\(state.residue) \(shareText(state.population, state.error, below: state.upperBound)) "
      + "(\(shareText(state.reference, state.referenceError, below: state.referenceUpperBound)))"
  }
  return "φ ≥ 0, reweighted (in the reference): \(shares.joined(separator: ", "))."
}

/// A population in percent with its error, or its bound where nothing is in the state.
private func shareText(_ share: Double, _ error: Double?, below bound: Double?) -> String {
  if let bound { return "< \((100 * bound).fixed(3)) %" }
  return "\(withError(100 * share, 100 * (error ?? 0), 2)) %"
}

/// What the flow's density says of the reference.
private func heldOut(_ result: EvaluationResult) -> String? {
  guard let heldOut = result.heldOut else { return nil }
  let frames = heldOut.frames + heldOut.outside
  return "Over the reference the flow is off by "
    + "\(withError(heldOut.forwardDivergence, heldOut.forwardDivergenceError, 3)) nats (mean log w "
    + "− log Z), forward ESS \(withError(heldOut.forwardSampleSize, heldOut.forwardSampleSizeError, 3)); "
    + "\(heldOut.outside) of \(frames) frames have no density."
}

private func withError(_ value: Double, _ error: Double, _ decimals: Int) -> String {
  "\(value.fixed(decimals)) ± \(error.fixed(decimals))"
}

/// What the clip in force does to ESS.
private func clipText(_ clip: Double) -> String {
  func percentage(_ share: Double) -> String { String(format: "%g", 100 * share) + " %" }
  let rule = percentage(LogWeights.benchmarkClip)
  if clip == LogWeights.benchmarkClip {
    return "ESS is by the benchmark's rule, after a clip of the largest \(rule) of the weights"
  }
  let own = clip == 0 ? "without a clip" : "after a clip of the largest \(percentage(clip))"
  return "ESS is \(own) (the benchmark's rule clips \(rule))"
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
