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
    self.proposals = proposals
    energies = system.reducedEnergies(proposals.conformations.coordinates, execution: execution)
    weights = try LogWeights(
      energies: energies,
      logDensities: zip(proposals.logDensities, proposals.isSupported).map { $1 ? $0 : .infinity },
      clippedFraction: clip)
  }

  /// Writes the conformations, how they were drawn, and the table of weights.
  ///
  /// The folder is made if it is not there.
  /// - Throws: `RunError`, `TrajectoryError` or `FileError`.
  package func write(
    samples: String, weights path: String, drawn: Draw? = nil, system: MolecularSystem,
    context: RunContext
  ) throws {
    try createFolder(URL(fileURLWithPath: samples).deletingLastPathComponent().path)
    let kind = proposals.ancestors == nil ? "independent" : "annealed"
    try writeAmberTrajectory(
      proposals.conformations, path: samples, programVersion: context.version,
      title: "\(system.description.name): \(kind) proposals, weights in weights.csv",
      firstSample: drawn?.first ?? 0)
    try writeWeights(path)
    if let drawn { try writeText(try jsonText(drawn), path: Draw.path(beside: samples)) }
  }

  /// Writes `weights.csv`.
  /// - Throws: `FileError.unwritable`.
  package func writeWeights(_ path: String) throws(FileError) {
    try writeText(WeightsTable.text(of: self), path: path)
  }
}
