import Evaluation
import Foundation
import Kernels
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Proposals with their importance weights, `log w = −U/kT − log q` (self-normalised importance
/// sampling).
package struct WeightedProposals: Sendable {
  package let proposals: Proposals
  /// Potential energies over kT, [samples].
  package let energies: [Double]
  package let weights: LogWeights

  /// Weighs proposals for a system at its temperature.
  ///
  /// - Parameter clip: The share of the largest weights that the benchmark's figures leave out.
  /// - Throws: `EvaluationError` when no proposal has a weight.
  package init(
    _ proposals: Proposals, of system: MolecularSystem, clip: Double, execution: Execution
  ) throws(EvaluationError) {
    try self.init(
      proposals,
      energies: system.reducedEnergies(
        proposals.conformations.coordinates, execution: execution),
      clip: clip)
  }

  /// Weighs proposals whose reduced energies are known.
  private init(
    _ proposals: Proposals, energies: [Double], clip: Double
  ) throws(EvaluationError) {
    (self.proposals, self.energies) = (proposals, energies)
    weights = try LogWeights(
      energies: energies, logDensities: proposals.supportedLogDensities, clippedFraction: clip)
  }

  /// Reads the files that ``write(samples:weights:drawn:record:system:context:)`` writes, and weighs
  /// the proposals for a system.
  ///
  /// A set that a process was killed over gets its names first. Energies in the table are compared
  /// with those of the conformations, so that no table is read beside other samples
  /// (`RecordedEnergiesTests`).
  ///
  /// - Parameters:
  ///   - isOwn: Whether they were weighed for this system, as far as the caller knows; not so where
  ///     it is named in place of the run's own.
  ///   - clip: The share of the largest weights that the benchmark's figures leave out.
  /// - Throws: `TrajectoryError`, `RunError.badData` naming the row of a table that does not belong
  ///   to the samples, `EvaluationError` when no proposal has a weight.
  package init(
    samples: String, weights: String, of system: MolecularSystem, isOwn: Bool = true, clip: Double,
    context: RunContext
  ) throws {
    completeFileSets(in: URL(fileURLWithPath: samples).deletingLastPathComponent().path)
    try ChecksumList.check(weights)
    let table = try WeightsTable.read(path: weights)
    let proposals = try Proposals(
      samples: samples, table, of: weights, system: system, log: context.log)
    let energies = system.reducedEnergies(
      proposals.conformations.coordinates, execution: context.execution)
    try RecordedEnergies(table, of: weights, samples: samples, system: system, isOwn: isOwn)?
      .check(energies)
    try Draw.check(samples)
    try self.init(proposals, energies: energies, clip: clip)
  }

  /// Writes the conformations, how they were drawn, and the table of weights, which get their names
  /// together.
  ///
  /// The folder is made if it is not there.
  /// - Parameter record: What is written of the draw.
  /// - Throws: `RunError`, `TrajectoryError` or `FileError`.
  package func write(
    samples: String, weights path: String, drawn: Draw? = nil,
    record: (Draw) throws -> String = sealedJSONText, system: MolecularSystem, context: RunContext
  ) throws {
    let areAnnealed = proposals.ancestors != nil
    var files = try SampleFiles(
      samples: samples, weights: path, of: system, first: areAnnealed ? 0 : drawn?.first ?? 0,
      areAnnealed: areAnnealed, context: context)
    try files.append(proposals, energies: energies)
    try files.commit { samples, _ in try drawn.map { try record($0.of(samples)) } }
  }

  /// What `weights.csv` holds.
  package var tableText: String { WeightsTable.text(of: self) }

  /// Writes `weights.csv` and, beside it, how and for which energy it was weighed, which get their
  /// names together.
  /// - Throws: `RunError.missing` when the system's topology is gone, `FileError.unwritable`.
  package func writeWeights(
    _ path: String, for system: MolecularSystem, program: String, record: String
  ) throws {
    var set = FileSet()
    let text = WeightsTable.text(of: self)
    try set.write(text, path: path)
    let weighting = Weighting(
      program: program, clip: weights.clippedFraction,
      energy: try ModelTarget(of: system).notes, table: "\(Checksum(of: text.utf8))")
    try set.write(try sealedJSONText(weighting), path: record)
    try set.commit()
  }

  /// Writes `weights.csv`.
  /// - Throws: `FileError.unwritable`.
  package func writeWeights(_ path: String) throws(FileError) {
    try writeText(WeightsTable.text(of: self), path: path)
  }
}
