import Evaluation
import Foundation
import Molecules
import Reporting
import Runs
import Trajectories

/// The samples of a trained run with their weights, and the reference beside them, from the files
/// of its folder.
struct ReportedSamples {
  let record: MoleculeRecord
  let system: MolecularSystem
  let weighted: WeightedProposals
  let samples: AnalysisSet
  /// nil where the run has no reference, or it is no longer there.
  let reference: AnalysisSet?

  /// - Throws: What reading the files throws, `EvaluationError` when no sample has a weight.
  init(_ folder: RunFolder, context: RunContext) throws {
    record = try MoleculeRecord.read(path: folder.record)
    let system = try record.readSystem()
    self.system = system
    let execution = context.execution
    let proposals = try Proposals(
      samples: folder.samples, weights: folder.weights, of: system, log: context.log)
    weighted = try WeightedProposals(
      proposals, of: system, clip: try record.evaluationOptions(in: folder).clippedFraction,
      execution: execution)
    samples = AnalysisSet(
      paths: [folder.path], AveragedSample(proposals: weighted.weights.values),
      proposals.conformations, energies: weighted.energies)
    reference = try record.reference.flatMap { file in
      guard FileManager.default.fileExists(atPath: file.path) else {
        context.log.warning("\(file.path) is gone: the results are without a reference")
        return nil
      }
      let frames = try readFrames(file.path, of: system, log: context.log)
      return AnalysisSet(
        paths: [file.path], AveragedSample(chains: [frames.frames]), frames,
        energies: system.reducedEnergies(frames.coordinates, execution: execution))
    }
  }
}

/// What a report says of a trained run: its samples and reference, its figures, and how it was
/// trained.
struct ReportedRun {
  /// The name of the run's folder.
  let name: String
  let folder: RunFolder
  private let content: ReportedSamples
  /// The evaluations that the folder holds, the run's own first.
  let evaluations: [EvaluationReport]
  let metrics: NumberTable?
  /// Populations, free energies and averages beside the reference.
  let analysis: AnalysisResult

  var record: MoleculeRecord { content.record }
  var system: MolecularSystem { content.system }
  var weighted: WeightedProposals { content.weighted }
  var samples: AnalysisSet { content.samples }
  var reference: AnalysisSet? { content.reference }

  /// - Throws: As `ReportedSamples`.
  init(_ folder: RunFolder, context: RunContext) throws {
    self.folder = folder
    name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
    content = try ReportedSamples(folder, context: context)
    evaluations = storedEvaluations(in: folder)
    metrics = NumberTable(path: folder.metrics)
    analysis = try analyze(
      content.samples, beside: content.reference, of: content.system,
      try StateDefinitions(of: content.system, file: nil), context: context)
  }

  /// The run's own evaluation, if there is one.
  var evaluation: EvaluationReport? { evaluations.first }

  var effectiveSamples: Double { samples.sample.effectiveSamples }
}

/// The figures of `evaluation.json`, `evaluation-2.json`, … of a run, in this order.
private func storedEvaluations(in folder: RunFolder) -> [EvaluationReport] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  let further = names.filter { $0.hasPrefix("evaluation-") && $0.hasSuffix(".json") }
  return ([folder.evaluation] + further.sorted().map { "\(folder.path)/\($0)" })
    .compactMap { readRecord(EvaluationReport.self, path: $0) }
}
