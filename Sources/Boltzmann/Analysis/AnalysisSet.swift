import Evaluation
import Foundation
import Kernels
import Molecules
import Runs
import Trajectories

/// Conformations with weights or in chains, read for an analysis.
package struct AnalysisSet: Sendable {
  /// What they were read from.
  package let paths: [String]
  package let sample: AveragedSample
  /// Group after group, in the order of the sample.
  let trajectory: Trajectory
  /// Reduced energies, kT, [rows].
  let energies: [Double]

  /// Conformations that have been read.
  ///
  /// - Precondition: All have the same number of rows.
  init(paths: [String], _ sample: AveragedSample, _ trajectory: Trajectory, energies: [Double]) {
    precondition(
      sample.rows == trajectory.frames && energies.count == sample.rows,
      "\(sample.rows) weights, \(trajectory.frames) frames, \(energies.count) energies")
    (self.paths, self.sample) = (paths, sample)
    (self.trajectory, self.energies) = (trajectory, energies)
  }

  /// Reads proposals of one or several runs, or the chains of one or several simulations.
  ///
  /// - Parameters:
  ///   - system: The system that the sources are of.
  ///   - other: What proposals are weighed for, if not for that system.
  ///   - smoothed: Whether the largest weights are Pareto-smoothed.
  /// - Throws: `RunError.badData` where proposals and simulations are mixed, or the sources are of
  ///   other energies or have conformations in common; `RunError.configuration` for a source that is
  ///   named twice; what reading the files throws; `EvaluationError` when no proposal of a run
  ///   has a weight.
  package init(
    _ sources: [AnalysisSource], of system: MolecularSystem,
    weighedFor other: MolecularSystem? = nil, smoothed: Bool = false, context: RunContext
  ) throws {
    precondition(!sources.isEmpty, "no source")
    try checkNamedOnce(sources)
    let areProposals = sources[0].areProposals
    let goal = other ?? system
    let target = try ModelTarget(of: system)
    for source in sources {
      guard source.areProposals == areProposals else {
        throw RunError.badData(
          path: source.path,
          problem: "cannot be pooled with \(sources[0].path): one holds weighted proposals, the "
            + "other a simulation; compare them as reference")
      }
      guard var own = try source.system() else { continue }
      // The temperature of a simulation is compared when its frames are read.
      if !areProposals { own = own.at(temperature: system.description.temperature) }
      if let (key, found, wanted) = target.difference(from: try ModelTarget(of: own).notes) {
        throw RunError.badData(
          path: source.path,
          problem: "is of another energy than \(system.description.name): its \(key) is \(found), "
            + "not \(wanted)")
      }
    }
    paths = sources.map(\.path)
    var (coordinates, logWeights, counts) = ([Double](), [Double](), [Int]())
    var (own, groups) = ([[Double]](), ProposalGroups())
    for source in sources {
      if areProposals {
        var weighted = try source.weighted(for: system, context: context)
        if let other {
          weighted = try WeightedProposals(
            weighted.proposals, of: other, clip: source.clip, execution: context.execution)
        }
        coordinates += weighted.proposals.conformations.coordinates
        own.append(weighted.energies)
        logWeights += weighted.weights.values
        groups.append(weighted.proposals, of: source)
      } else {
        let (trajectory, chains) = try source.frames(of: goal, context: context)
        coordinates += trajectory.coordinates
        own.append(
          goal.reducedEnergies(trajectory.coordinates, execution: context.execution))
        counts += chains
      }
    }
    try checkIndependent(sources, energies: own)
    trajectory = Trajectory(atoms: system.topology.atoms, coordinates: coordinates)
    energies = own.flatMap(\.self)
    guard areProposals else {
      sample = AveragedSample(chains: counts)
      return
    }
    var weighed = groups.sample(smoothed ? paretoSmoothed(logWeights) : logWeights)
    if smoothed { weighed.unsmoothed = logWeights }
    sample = weighed
  }
}
