import Evaluation
import Foundation
import Kernels
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
  ///   the target is the base.
  package init(
    _ sources: [AnalysisSource], from base: MolecularSystem, to target: MolecularSystem
  ) throws {
    precondition(!sources.isEmpty, "no proposals")
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

  /// Weighs, compares and estimates, and writes the new weights of every source.
  ///
  /// - Parameter weights: Where the table of each source goes, [sources].
  /// - Throws: What reading the files and writing throw, `EvaluationError`.
  package func result(weights paths: [String], context: RunContext) throws -> TargetChangeResult {
    precondition(paths.count == sources.count, "\(paths.count) tables for \(sources.count) runs")
    var (old, new): ([WeightedProposals], [WeightedProposals]) = ([], [])
    for (source, path) in zip(sources, paths) {
      let present = try source.weighted(for: base, context: context)
      let changed = try WeightedProposals(
        present.proposals, of: target, clip: source.clip, execution: context.execution)
      guard present.proposals.ancestors == nil || (targetFrames == nil && sources.count == 1) else {
        throw RunError.badData(
          path: source.path,
          problem: "holds annealed proposals, which BAR and MBAR have no density for; reweigh them "
            + "alone, without frames")
      }
      try changed.writeWeights(path)
      old.append(present)
      new.append(changed)
    }
    let (before, after) = (
      old.flatMap(\.weights.values), new.flatMap(\.weights.values)
    )
    var result = TargetChangeResult(
      program: context.program, base: base, target: target, sources: sources.map(\.path),
      weights: paths, before: before, after: after, runs: old.flatMap(\.proposals.families))
    guard targetFrames != nil || sources.count > 1 else { return result }
    let states = try Ensembles(self, old, new, context: context)
    result.frames = states.counts
    result.acceptanceRatio = states.acceptanceRatio(before: before)
    result.multistate = states.multistate()
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

  /// Frames of the base and of the target that are about independent.
  var counts: TargetChangeResult.Frames {
    TargetChangeResult.Frames(base: numbers[flows], target: numbers[flows + 1])
  }

  init(
    _ change: TargetChange, _ old: [WeightedProposals], _ new: [WeightedProposals],
    context: RunContext
  ) throws {
    flows = old.count
    let models = try change.sources.enumerated().map { index, source in
      try source.model(for: change.base, count: old[index].proposals.count)
    }
    func density(_ flow: Int, _ trajectory: Trajectory) -> [Double] {
      let model = models[flow]
      return model.trained.logDensities(
        of: trajectory, model.sampling, seed: model.seed, execution: context.execution
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
    for (source, system) in [
      (change.baseFrames, change.base), (change.targetFrames, change.target),
    ] {
      guard let source else {
        numbers.append(0)
        continue
      }
      let (all, chains) = try source.frames(of: system, context: context)
      let frames = thinned(
        all, chains,
        by: zip(
          density(0, all),
          system.reducedEnergies(
            all.coordinates, execution: context.execution)
        ).map { ($0.isFinite ? $0 : 0) - $1 })
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
  /// they were independent.
  func acceptanceRatio(before: [Double]) -> Estimate? {
    guard flows == 1, numbers[2] > 0 else { return nil }
    func ratio(_ ensemble: Int) -> Estimate? {
      let first = numbers[..<ensemble].reduce(0, +)
      let (proposals, frames) = (0..<numbers[0], first..<first + numbers[ensemble])
      func work(_ samples: Range<Int>, to b: Int, from a: Int) -> [Double] {
        samples.map { energies[b][$0] - energies[a][$0] }
      }
      return Evaluation.acceptanceRatio(
        forward: work(proposals, to: ensemble, from: 0),
        reverse: work(frames, to: 0, from: ensemble))
    }
    let weighted = logNormalization(before)
    let base =
      numbers[1] > 0 ? ratio(1) : Estimate(value: -weighted.value, error: weighted.error)
    guard let base, let target = ratio(2) else { return nil }
    return Estimate(
      value: target.value - base.value,
      error: (target.error * target.error + base.error * base.error).squareRoot())
  }

  /// `f_target − f_base` from all samples together.
  func multistate() -> Estimate? {
    MultistateAcceptanceRatio(energies: energies, counts: numbers)?
      .difference(from: flows, to: flows + 1)
  }
}

/// Frames that are about independent of each other as far as some values of theirs show.
private func thinned(_ trajectory: Trajectory, _ chains: [Int], by values: [Double]) -> Trajectory {
  var first = 0
  let ranges = chains.map { count in
    defer { first += count }
    return first..<first + count
  }
  let width = 3 * trajectory.atoms
  return Trajectory(
    atoms: trajectory.atoms,
    coordinates: independentRows(values, chains: ranges).flatMap {
      trajectory.coordinates[$0 * width..<($0 + 1) * width]
    })
}

extension AnalysisSource {
  /// The flow that made the proposals, and how it was drawn from: the run's, or the one in the
  /// system's folder.
  /// - Throws: What reading it throws.
  fileprivate func model(
    for system: MolecularSystem, count: Int
  ) throws -> (trained: TrainedModel, sampling: SamplingOptions, seed: UInt64) {
    var (sampling, seed) = (SamplingOptions(), UInt64(1))
    let trained: TrainedModel
    if case .run(let folder, let record) = self {
      trained = try TrainedModel(path: folder.model)
      (sampling, seed) = (record.configuration.sampling, record.seed)
    } else {
      trained = try system.pretrainedModel()
    }
    if let files, let drawn = Draw(beside: files.samples, count: count) {
      (sampling.priorScale, sampling.precision) = (drawn.priorScale, drawn.precision)
    }
    return (trained, sampling, seed)
  }
}
