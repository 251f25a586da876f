import Runs
import TensorFiles

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
