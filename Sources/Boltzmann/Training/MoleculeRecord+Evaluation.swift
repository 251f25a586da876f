import Evaluation
import Foundation
import Runs
import TensorFiles

extension MoleculeRecord {
  /// Compares the proposals of a complete run with a reference.
  ///
  /// - Parameters:
  ///   - proposals: How many to draw from the beginning of the run's random stream, of which only
  ///     the figures are kept; nil for the run's samples. The first of them are the run's own.
  ///   - reference: A trajectory in place of the run's reference.
  /// - Throws: What reading the run's files and drawing throw, `EvaluationError`.
  package func compare(
    in folder: RunFolder, of system: MolecularSystem, proposals: Int? = nil,
    reference: String? = nil,
    options: EvaluationOptions, context: RunContext
  ) throws -> (comparison: Comparison, report: EvaluationReport) {
    let path = try reference ?? referencePath(in: folder)
    warnOfChanged(reference: path, log: context.log)
    warnOfUnfinishedTraining(in: folder, log: context.log)
    // The training has looked at its own reference.
    if absolutePath(path) == self.reference?.path {
      warnOfOtherEnergy(reference: path, log: context.log)
    } else {
      warnOfSharedFrames(reference: path, atoms: system.topology.atoms, log: context.log)
    }
    guard let proposals else {
      let model =
        try FileManager.default.fileExists(atPath: folder.model)
        ? TrainedModel(path: folder.model) : nil
      return try compareFiles(
        samples: folder.samples, weights: folder.weights, reference: path, of: system,
        isOwn: !isOfOtherEnergy, options: options,
        model: model.map {
          DrawingModel(trained: $0, sampling: configuration.sampling, seed: seed)
        }, context: context)
    }
    return try compareProposals(
      of: try TrainedModel(path: folder.model), proposals, with: path, of: system,
      sampling: configuration.sampling, seed: seed, options: options, context: context)
  }

  /// Draws this rank's share of the proposals that the first rank compares.
  ///
  /// - Parameters: As of ``compare(in:of:proposals:reference:options:context:)``.
  /// - Throws: What drawing throws.
  package func shareProposals(
    _ proposals: Int, in folder: RunFolder, of system: MolecularSystem, options: EvaluationOptions,
    context: RunContext
  ) throws {
    var sampling = configuration.sampling
    sampling.count = proposals
    _ = try TrainedModel(path: folder.model).observeProposals(
      sampling, of: system, seed: seed, clip: options.clippedFraction, context: context)
  }
}

/// Draws so many proposals from the beginning of a seed's stream, and compares them with a reference;
/// only the figures are kept.
///
/// - Parameters:
///   - reference: The path of the trajectory.
///   - sampling: The width of the prior and the arithmetic.
/// - Throws: What reading the reference and drawing throw, `EvaluationError`.
package func compareProposals(
  of model: TrainedModel, _ proposals: Int, with reference: String, of system: MolecularSystem,
  sampling: SamplingOptions, seed: UInt64, options: EvaluationOptions, context: RunContext
) throws -> (comparison: Comparison, report: EvaluationReport) {
  let frames = try readEquilibriumFrames(
    reference, of: system, execution: context.execution, log: context.log)
  let (comparison, drawn) = try model.compare(
    proposals: proposals, with: frames, of: system, sampling: sampling, seed: seed,
    options: options, context: context)
  let report = comparison.report(
    of: system, options: options, reference: try InputFile(path: reference), readAs: reference,
    drawn: drawn, context: context)
  return (comparison, report)
}
