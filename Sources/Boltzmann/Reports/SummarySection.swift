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
  let shape = ParetoTail(logWeights: weights.values)?.shape
  let largest = weights.largestShare
  let isUnreliable = (shape ?? 0) > ParetoTail.largestReliableShape
  let grade: Verdict.Grade =
    effective < leastReliableSamples || isUnreliable || largest > 0.2
    ? .bad : effective < 1_000 || (shape ?? 0) > 0.5 || largest > 0.05 ? .caution : .good
  let headline =
    switch grade {
    case .good: "Usable: the weighted samples represent the Boltzmann distribution."
    case .caution: "Usable with care: common states are right, rare ones are uncertain."
    case .bad: "Not usable yet: a few samples decide everything."
    }
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
  let compared = analysis.states.compactMap { state in
    (state.freeEnergy?.difference).map { (state.name, $0) }
  }
  let off = compared.filter { abs($0.1) > 3 }.sorted { abs($0.1) > abs($1.1) }
  let missing = analysis.states.filter {
    $0.population.value == 0 && ($0.population.reference ?? 0) > 0
  }
  var sentences: [String] = []
  if !off.isEmpty {
    let names = off.prefix(4).map {
      "\($0.0) (\($0.1 > 0 ? "+" : "−")\(abs($0.1).fixed(1)))"
    }.joined(separator: ", ")
    sentences.append(
      "\(off.count) of \(compared.count) states differ from the reference by more than "
        + "three standard errors: \(names).")
  } else if !compared.isEmpty {
    sentences.append(
      "All \(compared.count) states that both have visited agree with the reference within three "
        + "standard errors.")
  }
  if !missing.isEmpty {
    sentences.append(
      "The samples never visit \(missing.prefix(4).map(\.name).joined(separator: ", ")), which the "
        + "reference does.")
  }
  return sentences.isEmpty ? nil : sentences.joined(separator: " ")
}

private func chiralityWords(_ run: ReportedRun) -> String? {
  guard let correct = run.evaluation?.result.correctChirality, correct < 1 else { return nil }
  return "\(percentText(1 - correct)) of the samples have a stereocentre of the wrong handedness."
}
