import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import Trajectories

/// What the frames of simulations are worth after a number of energy evaluations: E-W2, T-W2 and the
/// error of rare states against a reference, as CSV.
///
/// A chain has made `(equilibration + time)/Δt` evaluations for each rung of its ladder when it
/// reaches a frame, and one more for each proposal of a flow that it was offered; only frames at the
/// first temperature count. The minimisation before, at most 10⁴ evaluations for all chains together,
/// is left out. A simulation that still runs counts as far as its file goes, and several as far as the
/// shortest.
///
/// - Parameters:
///   - folders: Simulations with the same settings but for seed, time and number of chains.
///   - path: The reference; nil for that of the system.
/// - Returns: The columns of ``costColumns(phis:)``.
/// - Throws: `RunError`, `TrajectoryError` or `EvaluationError`.
package func costCurve(
  of folders: [SimulationFolder], reference path: String?, torusPoints: Int = 2_000,
  context: RunContext
) throws -> String {
  precondition(!folders.isEmpty, "no simulation")
  let records = try folders.map { try SimulationRecord.read(in: $0) }
  try checkAlike(records, folders)
  let system = try records[0].readSystem()
  try records[0].checkTemperature(of: system, path: folders[0].record)
  func frames(_ path: String) throws -> Trajectory {
    try readEquilibriumFrames(path, of: system, execution: context.execution, log: context.log)
  }
  let chains = SampledChains(
    joining: try zip(folders, records).map { folder, record in
      try SampledChains(
        try frames(folder.framesSoFar()), record, of: system, path: folder.path,
        execution: context.execution)
    })
  let reference = try frames(path ?? system.referencePath)
  let rows = try costCurve(
    of: chains,
    reference: system.reducedEnergies(reference.coordinates, execution: context.execution),
    referenceTorsions: backboneAngles(reference, of: system, execution: context.execution),
    budgets: chains.budgets, torusPoints: torusPoints)
  return csvText(columns: costColumns(phis: chains.phis), rows: rows.map(\.fields))
}

/// Throws unless simulations differ in seed, time and number of chains alone, and in the seed at
/// least.
private func checkAlike(_ records: [SimulationRecord], _ folders: [SimulationFolder]) throws {
  for (index, record) in records.enumerated() {
    if let difference = try difference(record, from: records[0]) {
      throw RunError.badData(
        path: folders[index].record,
        problem: "has other settings than \(folders[0].record): \(difference); compare simulations "
          + "that differ in seed, time and chains alone")
    }
    let seed = record.settings.seed
    if records[..<index].contains(where: { $0.settings.seed == seed }) {
      throw RunError.badData(
        path: folders[index].record,
        problem: "has the seed \(seed), as another one; its chains are the same")
    }
  }
}

/// The first difference but for seed, time and number of chains, in words; nil if there is none.
private func difference(
  _ record: SimulationRecord, from first: SimulationRecord
) throws -> String? {
  // Copies of one system may lie in several places.
  guard record.topology.fnv1a == first.topology.fnv1a,
    record.description.fnv1a == first.description.fnv1a
  else { return "it is of another system" }
  guard record.proposals?.fnv1a == first.proposals?.fnv1a else {
    return "it has other proposals of a flow"
  }
  func settings(_ record: SimulationRecord) throws -> RecordedSettings {
    try RecordedSettings(record.settings, besides: ["seed", "time_ps", "chains"])
  }
  guard let (key, own, others) = try settings(record).difference(from: try settings(first).text)
  else { return nil }
  let note = key == "equilibration_ps" ? " (a tenth of the time unless it is set)" : ""
  return "\(key)\(note) is \(own), not \(others)"
}

/// The columns of a table of costs; those of the rare states once for each φ.
func costColumns(phis: Int) -> [String] {
  [
    "evaluations", "chains", "samples", "frames", "energy_w2", "energy_w2_spread", "torus_w2",
    "torus_w2_spread",
  ]
    + (1...max(1, phis)).prefix(phis).flatMap {
      ["phi\($0)_error", "phi\($0)_error_spread", "phi\($0)_unseen"]
    }
}

private func backboneAngles(
  _ trajectory: Trajectory, of system: MolecularSystem, execution: Execution
) -> TorsionAngles {
  let backbone = Backbone(system.topology)
  return TorsionAngles(
    backbone.angles(of: trajectory.coordinates, atoms: trajectory.atoms, execution: execution),
    torsions: backbone.torsions.count)
}

extension SampledChains {
  /// The chains of a simulation's trajectory.
  ///
  /// - Parameter path: For the error.
  /// - Throws: `RunError.badData` if not every chain has a frame.
  init(
    _ trajectory: Trajectory, _ record: SimulationRecord, of system: MolecularSystem,
    path: String, execution: Execution
  ) throws(RunError) {
    let frames = try record.framesByChain(of: trajectory, path: path)
    let energies = system.reducedEnergies(trajectory.coordinates, execution: execution)
    let angles = backboneAngles(trajectory, of: system, execution: execution)
    let settings = record.settings
    let steps = settings.steps
    let jumpEvery = record.proposals == nil ? nil : settings.stepsBetweenProposals
    self.init(
      energies: frames.map { $0.map { energies[$0] } }, torsions: frames.map(angles.rows),
      phis: Backbone(system.topology).phi.count,
      evaluations: (1...frames[0].count).map { round in
        let step = steps.equilibration + round * steps.save
        // A frame is taken before the proposal of its step.
        let jumps = jumpEvery.map { (step - 1) / $0 } ?? 0
        return step * settings.temperatures.count + jumps
      })
  }
}

extension CostRow {
  /// The fields of the row; empty where there is no figure.
  fileprivate var fields: [String] {
    func text(_ figure: MeanAndSpread?) -> [String] {
      [figure.map { "\($0.mean)" } ?? "", figure?.spread.map { "\($0)" } ?? ""]
    }
    return ["\(evaluations)", "\(chains)", "\(samples)", "\(frames)"] + text(energyW2)
      + text(torusW2)
      + zip(rareStateErrors, unseen).flatMap { text($0) + ["\($1)"] }
  }
}
