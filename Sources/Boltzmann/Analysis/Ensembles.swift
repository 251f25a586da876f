import Evaluation
import Molecules
import Runs
import Trajectories

/// The ensembles of a change: each flow, the base and the target, with samples of them.
struct Ensembles {
  /// Reduced energies of every sample in every ensemble, flows first, then base and target,
  /// [ensembles][samples]; the samples in the same order.
  private(set) var energies: [[Double]]
  private var numbers: [Int]
  private let flows: Int
  /// What may be left out of the samples of base and target for their errors: chains, or stretches
  /// of one; by their places among all samples.
  private var groups: [Int: [Range<Int>]] = [:]
  /// The frames of base and target that are used.
  private(set) var frames = TargetChangeResult.Frames(base: 0, target: 0)

  /// - Parameters:
  ///   - old: The proposals of each flow with their energies in the base, [flows].
  ///   - new: The same in the target, [flows].
  /// - Throws: `RunError.badData` for several flows of Cartesian coordinates, and for proposals of
  ///   another flow than is there; what reading models and frames throws.
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
        // A proposal without a density is no conformation of another ensemble, whatever density
        // another flow gives its coordinates; any energy will do in its own flow.
        energies[flow] +=
          flow == index
          ? zip(proposals.logDensities, proposals.isSupported).map { $1 ? -$0 : 0 }
          : zip(density(flow, proposals.conformations), proposals.isSupported).map {
            $1 ? $0 : .infinity
          }
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
  /// they were independent. That of each ratio is not below the jackknife's over the groups of its
  /// frames, which knows of slow torsions what the work of single frames does not show, together with
  /// the proposals' share.
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
      return estimate().map { found in
        let frames = jackknifeError(without)
        let proposals = forwardVariance(
          forward, reverse: numbers[ensemble], difference: found.value)
        let error = (frames * frames + proposals).squareRoot()
        return Estimate(value: found.value, error: max(found.error, error))
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
  /// groups of frames, together with the proposals' share.
  func multistate() -> Estimate? {
    guard let all = MultistateAcceptanceRatio(energies: energies, counts: numbers) else {
      return nil
    }
    let found = all.difference(from: flows, to: flows + 1)
    let proposals = all.shares(from: flows, to: flows + 1).prefix(flows).reduce(0, +)
    let variance = groups.reduce(proposals * found.error * found.error) { variance, entry in
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
