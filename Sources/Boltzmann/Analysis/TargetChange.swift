import Evaluation
import Foundation
import Kernels
import Logging
import Molecules
import Runs
import TensorFiles
import Trajectories

/// Proposals of one or several flows, weighed for another energy or temperature than they were made
/// for.
package struct TargetChange: Sendable {
  package var sources: [AnalysisSource]
  /// What the proposals were made for, and what they are weighed for.
  package var base, target: MolecularSystem
  /// Equilibrium frames of the target, and of the base.
  package var targetFrames, baseFrames: AnalysisSource?

  /// - Throws: `RunError.badData` for a target of another molecule, `RunError.configuration` where
  ///   the target is the base, or a source is named twice.
  package init(
    _ sources: [AnalysisSource], from base: MolecularSystem, to target: MolecularSystem
  ) throws {
    precondition(!sources.isEmpty, "no proposals")
    try checkNamedOnce(sources)
    if let difference = moleculeDifference(target.topology, base.topology) {
      throw RunError.badData(
        path: target.descriptionPath,
        problem: "is of another molecule than \(sources[0].path): \(difference)")
    }
    guard try ModelTarget(of: base) != ModelTarget(of: target) else {
      throw RunError.configuration(
        source: target.descriptionPath,
        problem: "is the system of \(sources[0].path) itself, at the same temperature; name another"
      )
    }
    for source in sources where !source.areProposals {
      throw RunError.badData(
        path: source.path, problem: "holds no proposals with weights; name a run")
    }
    (self.sources, self.base, self.target) = (sources, base, target)
  }

  /// Whether BAR or MBAR is estimated, from frames or from several flows.
  package var comparesEnsembles: Bool { targetFrames != nil || sources.count > 1 }

  /// Weighs, compares and estimates, and writes the new weights of every source, whose tables get
  /// their names together when all is computed.
  ///
  /// - Parameter weights: Where the table of each source goes, [sources].
  /// - Throws: `RunError.badData` for sources with conformations in common, and for several flows of
  ///   Cartesian coordinates; what reading the files and writing throw, `EvaluationError`.
  package func result(weights paths: [String], context: RunContext) throws -> TargetChangeResult {
    precondition(paths.count == sources.count, "\(paths.count) tables for \(sources.count) runs")
    var (old, new): ([WeightedProposals], [WeightedProposals]) = ([], [])
    var groups = ProposalGroups()
    for source in sources {
      let present = try source.weighted(for: base, context: context)
      guard present.proposals.ancestors == nil || !comparesEnsembles else {
        throw RunError.badData(
          path: source.path,
          problem: "holds annealed proposals, which BAR and MBAR have no density for; reweight "
            + "them alone, without frames")
      }
      old.append(present)
      groups.append(present.proposals, of: source)
      new.append(
        try WeightedProposals(
          present.proposals, of: target, clip: source.clip, execution: context.execution))
    }
    try checkIndependent(sources, energies: old.map(\.energies))
    let (before, after) = (
      old.flatMap(\.weights.values), new.flatMap(\.weights.values)
    )
    var result = TargetChangeResult(
      program: context.program, base: base, target: target, sources: sources.map(\.path),
      weights: paths, before: before, after: after, groups: groups)
    if comparesEnsembles {
      let states = try Ensembles(self, old, new, context: context)
      result.frames = states.frames
      result.acceptanceRatio = states.acceptanceRatio(before: before)
      result.multistate = states.multistate()
    }
    // Frames that cannot be read leave no tables behind.
    var tables = FileSet()
    for (changed, path) in zip(new, paths) { try tables.write(changed.tableText, path: path) }
    try tables.commit()
    return result
  }
}

/// The ensembles of a change: each flow, the base and the target, with samples of them.
private struct Ensembles {
  /// Reduced energies of every sample in every ensemble, flows first, then base and target,
  /// [ensembles][samples]; the samples in the same order.
  private var energies: [[Double]]
  private var numbers: [Int]
  private let flows: Int
  /// What may be left out of the samples of base and target for their errors: chains, or stretches
  /// of one; by their places among all samples.
  private var groups: [Int: [Range<Int>]] = [:]
  private(set) var frames = TargetChangeResult.Frames(base: 0, target: 0)

  init(
    _ change: TargetChange, _ old: [WeightedProposals], _ new: [WeightedProposals],
    context: RunContext
  ) throws {
    flows = old.count
    let models = try change.sources.enumerated().map { index, source in
      try source.model(for: change.base, count: old[index].proposals.count, log: context.log)
    }
    // A proposal has its flow's density as it was turned when it was drawn, another one's as it is
    // turned at random.
    let cartesian = models.indices.filter { models[$0].trained.representation.kind == .cartesian }
    if cartesian.count > 1 {
      throw RunError.badData(
        path: change.sources[cartesian[1]].path,
        problem: "is of a model of Cartesian coordinates, as another one: MBAR needs densities "
          + "that do not depend on how a conformation is turned; reweight each alone")
    }
    let labels = models.map { FlowLabels($0.trained.representation, of: change.base) }
    func density(_ flow: Int, _ trajectory: Trajectory) -> [Double] {
      let model = models[flow]
      return model.trained.logDensities(
        of: trajectory, labels: labels[flow], model.sampling, seed: model.seed,
        execution: context.execution
      ).map { $0.isFinite ? -$0 : .infinity }
    }
    energies = [[Double]](repeating: [], count: flows + 2)
    numbers = old.map(\.proposals.count)
    for (index, proposals) in old.map(\.proposals).enumerated() {
      for flow in 0..<flows {
        // A proposal without a density has no weight anywhere; any energy will do in its own flow.
        energies[flow] +=
          flow == index
          ? zip(proposals.logDensities, proposals.isSupported).map { $1 ? -$0 : 0 }
          : density(flow, proposals.conformations)
      }
      for (row, weighted) in [(flows, old[index]), (flows + 1, new[index])] {
        energies[row] += zip(weighted.energies, proposals.isSupported).map {
          $0.isFinite && $1 ? $0 : .infinity
        }
      }
    }
    for (ensemble, source, system) in [
      (flows, change.baseFrames, change.base), (flows + 1, change.targetFrames, change.target),
    ] {
      guard let source else {
        numbers.append(0)
        continue
      }
      let (all, chains) = try source.frames(of: system, context: context)
      let (frames, kept) = thinned(
        all, chains,
        by: zip(
          density(0, all),
          system.reducedEnergies(
            all.coordinates, execution: context.execution)
        ).map { ($0.isFinite ? $0 : 0) - $1 })
      groups[ensemble] = leftOut(kept, after: numbers.reduce(0, +))
      let lookIndependent = chains.count == 1 && frames.frames == all.frames
      if ensemble == flows {
        (self.frames.base, self.frames.baseLooksIndependent) = (frames.frames, lookIndependent)
      } else {
        (self.frames.target, self.frames.targetLooksIndependent) = (frames.frames, lookIndependent)
      }
      numbers.append(frames.frames)
      for flow in 0..<flows { energies[flow] += density(flow, frames) }
      for (row, system) in [(flows, change.base), (flows + 1, change.target)] {
        energies[row] += system.reducedEnergies(frames.coordinates, execution: context.execution)
      }
    }
  }

  /// `f_target − f_base` from the acceptance ratios of the flow with each.
  ///
  /// Where there are no frames of the base, its part is from the weights. The errors are added as if
  /// they were independent; that of each ratio is not below the jackknife's over the groups of its
  /// frames, which knows of slow torsions what the work of single frames does not show.
  func acceptanceRatio(before: [Double]) -> Estimate? {
    guard flows == 1, numbers[2] > 0 else { return nil }
    func ratio(_ ensemble: Int) -> Estimate? {
      let first = numbers[..<ensemble].reduce(0, +)
      func work(_ samples: some Sequence<Int>, to b: Int, from a: Int) -> [Double] {
        samples.map { energies[b][$0] - energies[a][$0] }
      }
      let forward = work(0..<numbers[0], to: ensemble, from: 0)
      func estimate(without group: Range<Int>? = nil) -> Estimate? {
        let frames = (first..<first + numbers[ensemble]).filter { group?.contains($0) != true }
        return Evaluation.acceptanceRatio(
          forward: forward, reverse: work(frames, to: 0, from: ensemble))
      }
      let without = groups[ensemble, default: []].compactMap { estimate(without: $0)?.value }
      return estimate().map {
        Estimate(value: $0.value, error: max($0.error, jackknifeError(without)))
      }
    }
    let weighted = logNormalization(before)
    let base =
      numbers[1] > 0 ? ratio(1) : Estimate(value: -weighted.value, error: weighted.error)
    guard let base, let target = ratio(2) else { return nil }
    return Estimate(
      value: target.value - base.value,
      error: (target.error * target.error + base.error * base.error).squareRoot())
  }

  /// `f_target − f_base` from all samples together; the error is not below the jackknife's over the
  /// groups of frames.
  func multistate() -> Estimate? {
    guard let found = difference(energies, numbers) else { return nil }
    let variance = groups.reduce(0.0) { variance, entry in
      let (ensemble, groups) = entry
      let values = groups.compactMap { group in
        var numbers = numbers
        numbers[ensemble] -= group.count
        return difference(
          energies.map { Array($0[..<group.lowerBound] + $0[group.upperBound...]) }, numbers)?.value
      }
      let error = jackknifeError(values)
      return variance + error * error
    }
    return Estimate(value: found.value, error: max(found.error, variance.squareRoot()))
  }

  private func difference(_ energies: [[Double]], _ numbers: [Int]) -> Estimate? {
    MultistateAcceptanceRatio(energies: energies, counts: numbers)?
      .difference(from: flows, to: flows + 1)
  }
}

/// The chains, or eighths of all rows where there are fewer than four chains, as places among all
/// samples.
///
/// - Parameters:
///   - kept: The rows of each chain, [chains].
///   - first: The place of the first.
private func leftOut(_ kept: [Int], after first: Int) -> [Range<Int>] {
  let rows = kept.reduce(0, +)
  var (counts, place) = (kept.filter { $0 > 0 }, first)
  if counts.count < 4 {
    guard rows >= 16 else { return [] }
    counts = (0..<8).map { rows * ($0 + 1) / 8 - rows * $0 / 8 }
  }
  return counts.map { count in
    defer { place += count }
    return place..<place + count
  }
}

/// Frames that are about independent of each other as far as some values of theirs show, and how
/// many each chain has of them.
private func thinned(
  _ trajectory: Trajectory, _ chains: [Int], by values: [Double]
) -> (frames: Trajectory, kept: [Int]) {
  var first = 0
  let ranges = chains.map { count in
    defer { first += count }
    return first..<first + count
  }
  let width = 3 * trajectory.atoms
  let rows = independentRows(values, chains: ranges)
  return (
    Trajectory(
      atoms: trajectory.atoms,
      coordinates: rows.flatMap { trajectory.coordinates[$0 * width..<($0 + 1) * width] }),
    ranges.map { range in rows.count { range.contains($0) } }
  )
}

extension AnalysisSource {
  /// The flow that made the proposals, and how it was drawn from: the run's, or the one in the
  /// system's folder.
  /// - Throws: `RunError.badData` where another flow made them, and what reading it throws.
  fileprivate func model(
    for system: MolecularSystem, count: Int, log: Logger
  ) throws -> DrawingModel {
    let (own, path): (DrawingModel, String)
    if case .run(let folder, let record) = self {
      path = folder.model
      own = DrawingModel(
        trained: try TrainedModel(path: path), sampling: record.configuration.sampling,
        seed: record.seed)
    } else {
      path = system.modelPath
      own = DrawingModel(
        trained: try system.pretrainedModel(), sampling: SamplingOptions(), seed: 1)
    }
    guard let files else { return own }
    let drawn = Draw(beside: files.samples, count: count)
    guard let model = own.of(drawn) else {
      throw RunError.badData(
        path: files.samples,
        problem: "was drawn from another model than \(path), whose density BAR and MBAR need; draw "
          + "from that one, or reweight these alone, without frames")
    }
    if drawn?.model == nil {
      log.warning(
        """
        \(files.samples): does not say which model it was drawn from; BAR and MBAR take the density \
        of \(path)
        """)
    }
    return model
  }
}
