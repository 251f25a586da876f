import Evaluation
import Foundation
import Reporting

/// What was sampled, what it is worth, and what to do, in words that need no statistics.
func summarySection(of run: ReportedRun) -> Page.Section {
  let (weights, system) = (run.weights, run.system)
  let result = run.evaluation?.result
  var tiles = [
    Tile(
      "effective samples", "\(Int(run.effectiveSamples.rounded()).grouped)",
      note: "of \(weights.values.count.grouped) drawn, all weights"),
    Tile("ESS", weights.effectiveSampleSize.fixed(3), note: "by the run's rule, share of all"),
    Tile("largest share", percentText(weights.largestShare), note: "of the weight, in one sample"),
  ]
  if let tail = ParetoTail(logWeights: weights.values) {
    tiles.append(
      Tile(
        "Pareto k", tail.shape.fixed(2),
        note: "± \(tail.shapeError.fixed(2)); below \(ParetoTail.largestReliableShape) is reliable")
    )
  }
  if let result {
    let error = result.budgets.first?.energyW2Error ?? result.energyW2Spread
    tiles.append(
      Tile(
        "E-W2", "\(result.energyW2.fixed(3)) kT",
        note: "± \(error.fixed(3)); noise of the reference \(result.energyW2Floor.fixed(3))"))
    if let torus = result.torusW2 {
      tiles.append(
        Tile(
          "T-W2", "\(torus.fixed(3)) rad",
          note: result.torusFloor.map { "within the reference \($0.halves.fixed(3))" } ?? ""))
    }
    if let correct = result.correctChirality {
      tiles.append(Tile("correct chirality", percentText(correct), note: "of all samples"))
    }
  }
  let molecule = [
    Fact("molecule", .text(system.description.name)),
    Fact("sequence", .text(system.topology.residueNames.joined(separator: "-"))),
    Fact("atoms", .count(system.topology.atoms)),
    Fact("temperature", .text("\(system.description.temperature) K")),
    Fact("force field", .text(system.description.forceField ?? "of its topology")),
    Fact("implicit solvent", .text(system.description.implicitSolvent.model)),
  ]
  return Page.Section("Summary", [.verdict(verdict(of: run)), .tiles(tiles), .facts(molecule)])
}

/// Whether the samples can be used.
func verdict(of run: ReportedRun) -> Verdict {
  let weights = run.weights
  let effective = run.effectiveSamples
  let doubt = stateDoubt(
    run.analysis, correctChirality: run.evaluation?.result.correctChirality)
  let (grade, headline) = worth(of: weights, effectiveSamples: effective, doubt: doubt)
  let rarest = 10 / max(effective, 1)
  var sentences = [
    "The flow proposed \(weights.values.count.grouped) conformations of "
      + "\(run.system.description.name) at "
      + "\(run.system.description.temperature) K, and each got a weight from the exact energy. "
      + "Together they are worth \(Int(effective.rounded()).grouped) independent conformations in "
      + "equilibrium.",
    rarest < 0.5
      ? "States with a population of \(percentText(rarest)) or more hold ten effective samples and "
        + "have errors that can be trusted. What is rarer needs more samples."
      : "No state has ten effective samples, so that no population can be trusted.",
  ]
  sentences += [energyWords(run), stateWords(run.analysis), chiralityWords(run)].compactMap { $0 }
  switch grade {
  case .good: break
  case .caution where !missedStates(run.analysis).isEmpty:
    sentences.append(
      "To do better: train longer, or with more frames, among them some of every state. Weights "
        + "restore nothing that the flow never proposes.")
  case .caution:
    sentences.append(
      "To do better: draw more samples from this run, or train longer. Compare two runs with other "
        + "seeds before you rely on a rare state.")
  case .bad:
    sentences.append(
      "What to do: train longer or with more frames, then draw more samples. If the effective "
        + "sample "
        + "size stays this small, the molecule is too large for the flow's present settings.")
  }
  return Verdict(grade, headline, sentences)
}

/// The grade of weighted samples, and a line that says why.
///
/// - Parameter doubt: What their weights cannot show (``stateDoubt(_:correctChirality:)``); with one
///   they are usable with care at most.
func worth(
  of weights: LogWeights, effectiveSamples: Double, doubt: String?
) -> (grade: Verdict.Grade, headline: String) {
  let shape = ParetoTail(logWeights: weights.values)?.shape ?? 0
  let largest = weights.largestShare
  if effectiveSamples < leastReliableSamples || shape > ParetoTail.largestReliableShape
    || largest > 0.2
  {
    return (.bad, "Not usable yet: a few samples decide everything.")
  }
  if let doubt { return (.caution, "Usable with care: \(doubt).") }
  if effectiveSamples < 1_000 || shape > 0.5 || largest > 0.05 {
    return (.caution, "Usable with care: common states are right, rare ones are uncertain.")
  }
  return (.good, "Usable: the weighted samples represent the Boltzmann distribution.")
}

/// The share of samples with correct stereocentres below which a flow has learned mirror images.
private let leastCorrectChirality = 0.99

/// What speaks against samples that their weights cannot show, a clause: a state that they miss, or
/// have too often or too rarely, or mirrored stereocentres; nil where nothing does.
///
/// - Parameter correctChirality: The share of samples with correct stereocentres, if it is known.
func stateDoubt(_ analysis: AnalysisResult, correctChirality: Double?) -> String? {
  let missed = missedStates(analysis)
  if !missed.isEmpty { return "the samples never visit \(firstNames(missed.map(\.name)))" }
  let compared = analysis.states.count { $0.freeEnergy?.difference != nil }
  let off = statesOff(analysis).filter { abs($0.difference) > largestByChance(of: compared) }
  if !off.isEmpty {
    return "\(firstNames(off.map(\.name))) \(off.count == 1 ? "differs" : "differ") from the "
      + "reference by more than three standard errors"
  }
  guard let correctChirality, correctChirality < leastCorrectChirality else { return nil }
  return "stereocentres of \(percentText(1 - correctChirality)) of the samples are mirrored"
}

/// States that no sample is in, though the reference has more of them than the samples' bound allows.
private func missedStates(_ analysis: AnalysisResult) -> [AnalysisResult.State] {
  unvisitedStates(analysis).filter { ($0.population.reference ?? 0) > ($0.upperBound ?? 0) }
}

/// The standard errors that the largest of some differences exceeds by chance about as seldom as a
/// single one exceeds three, `√(9 + 2 ln n)`.
private func largestByChance(of count: Int) -> Double {
  (9 + 2 * log(Double(max(1, count)))).squareRoot()
}

/// States that no sample is in, though frames of the reference are.
private func unvisitedStates(_ analysis: AnalysisResult) -> [AnalysisResult.State] {
  analysis.states.filter { $0.population.value == 0 && ($0.population.reference ?? 0) > 0 }
}

/// States whose free energies differ from the reference's by more than three standard errors of both
/// together, and by how many, the largest first.
private func statesOff(_ analysis: AnalysisResult) -> [(name: String, difference: Double)] {
  analysis.states.compactMap { state in
    (state.freeEnergy?.difference).map { (state.name, $0) }
  }.filter { abs($0.1) > 3 }.sorted { abs($0.1) > abs($1.1) }
}

/// The first names of a list.
private func firstNames(_ names: [String]) -> String {
  names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
}

private func energyWords(_ run: ReportedRun) -> String? {
  guard let energy = run.analysis.observables.first(where: { $0.name == "energy" })?.mean else {
    return nil
  }
  let own = "The mean energy is \(signedText(energy.value, 2)) ± \(energy.error.fixed(2)) kT"
  guard let reference = energy.reference else { return own + "." }
  return own + ", that of the reference \(signedText(reference, 2)) ± "
    + "\((energy.referenceError ?? 0).fixed(2)) kT"
    + (energy.difference.map { ", \(abs($0).fixed(1)) standard errors apart" } ?? "") + "."
}

/// Which states differ from the reference beyond their errors, and which the samples never visit; nil
/// where neither can be said.
func stateWords(_ analysis: AnalysisResult) -> String? {
  guard analysis.reference != nil else {
    return "There is no reference to compare with: nothing says whether a state is missing."
  }
  let compared = analysis.states.count { $0.freeEnergy?.difference != nil }
  let (off, missing) = (statesOff(analysis), unvisitedStates(analysis))
  var sentences: [String] = []
  if !off.isEmpty {
    let names = off.prefix(4).map {
      "\($0.name) (\($0.difference > 0 ? "+" : "−")\(abs($0.difference).fixed(1)))"
    }.joined(separator: ", ")
    sentences.append(
      "\(off.count) of \(compared) states differ from the reference by more than "
        + "three standard errors: \(names).")
  } else if compared > 0 {
    sentences.append(
      "All \(compared) states that both have visited agree with the reference within three "
        + "standard errors.")
  }
  if !missing.isEmpty {
    sentences.append(
      "The samples never visit \(firstNames(missing.map(\.name))), which the "
        + "reference does.")
  }
  return sentences.isEmpty ? nil : sentences.joined(separator: " ")
}

private func chiralityWords(_ run: ReportedRun) -> String? {
  guard let correct = run.evaluation?.result.correctChirality, correct < 1 else { return nil }
  return "\(percentText(1 - correct)) of the samples have a stereocentre of the wrong handedness."
}
