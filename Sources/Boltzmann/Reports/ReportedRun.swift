import Evaluation
import Foundation
import Logging
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// What a report says of a trained run: its samples and reference, its figures, and how it was
/// trained.
///
/// Trajectories are read block by block; what is measured in them stays, about 200 bytes a sample.
struct ReportedRun {
  /// The name of the run's folder.
  let name: String
  let folder: RunFolder
  let record: MoleculeRecord
  let system: MolecularSystem
  let weights: LogWeights
  /// Whether a proposal has a log-density, [samples].
  let isSupported: [Bool]
  let torsions: [NamedTorsion]
  let samples: MeasuredSet
  /// nil where the run has none of this energy, or it is no longer there.
  let reference: MeasuredSet?
  /// The evaluations for the system's energy that the folder holds, the run's own first.
  let evaluations: [EvaluationReport]
  /// How the samples were drawn; nil where that is not known.
  let drawn: Draw?
  let metrics: NumberTable?
  /// Populations, free energies and averages beside the reference.
  let analysis: AnalysisResult

  /// - Throws: What reading the files throws, `EvaluationError` when no sample has a weight.
  init(_ folder: RunFolder, record: MoleculeRecord? = nil, context: RunContext) throws {
    self.folder = folder
    name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
    let record = try record ?? MoleculeRecord.read(in: folder)
    self.record = record
    let system = try record.readSystem()
    self.system = system
    let definitions = try StateDefinitions(of: system, file: nil)
    torsions = NamedTorsion.all(of: system.topology)
    let empty = Measurements(
      torsions, definitions, of: system, execution: context.execution)

    completeFileSets(in: folder.path)
    try ChecksumList.check(folder.weights)
    let table = try WeightsTable.read(path: folder.weights)
    let densities = table.logDensities
    isSupported = densities.map { $0 != nil }
    var drawn = empty
    try addConformations(
      folder.samples, to: &drawn, of: system, keepingBroken: true, log: context.log)
    try checkRows(densities.count, of: folder.weights, frames: drawn.energies.count)
    try RecordedEnergies(
      table, of: folder.weights, samples: folder.samples, system: system,
      isOwn: !record.isOfOtherEnergy
    )?.check(drawn.energies)
    try Draw.check(folder.samples)
    self.drawn = Draw.read(beside: folder.samples).flatMap {
      $0.count == densities.count ? $0 : nil
    }
    weights = try LogWeights(
      energies: drawn.energies, logDensities: densities.map { $0 ?? .infinity },
      clippedFraction: try record.evaluationOptions(in: folder).clippedFraction)
    var groups = ProposalGroups()
    groups.append(densities.count, ancestors: table.ancestors, samples: folder.samples)
    samples = MeasuredSet(paths: [folder.path], groups.sample(weights.values), drawn)

    reference = try record.existingReference(log: context.log).map { path in
      var frames = empty
      try addConformations(
        path, to: &frames, of: system, keepingBroken: false, log: context.log)
      let chains = frames.groupByChain()
      return MeasuredSet(paths: [path], AveragedSample(chains: chains), frames)
    }
    let energy = try ModelTarget(of: system).notes
    evaluations = storedEvaluations(in: folder).filter {
      $0.isOf(energy: energy, isOwn: !record.isOfOtherEnergy)
    }
    folder.warnOfChangedMetrics(log: context.log)
    metrics = NumberTable(path: folder.metrics)
    analysis = try Boltzmann.analysis(
      of: samples.averages(definitions), beside: reference?.averages(definitions), of: system,
      definitions,
      context: context)
  }

  /// The first evaluation of the samples that are there; nil where they have been drawn again since.
  var evaluation: EvaluationReport? { evaluations.first { $0.isOf(drawn) } }

  /// Of annealed samples those of their ancestors.
  var effectiveSamples: Double { samples.sample.independentSamples }
}

/// The figures of `evaluation.json`, `evaluation-2.json`, … of a run, in this order.
private func storedEvaluations(in folder: RunFolder) -> [EvaluationReport] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  let further = names.filter { $0.hasPrefix("evaluation-") && $0.hasSuffix(".json") }
  return ([folder.evaluation] + further.sorted().map { "\(folder.path)/\($0)" })
    .compactMap { readRecord(EvaluationReport.self, path: $0) }
}

/// Measures the conformations of a file, passing its notes on.
///
/// - Parameter keepingBroken: Whether these are proposals, however strained, and broken ones are
///   NaN; otherwise frames in equilibrium, whose bonds are checked.
private func addConformations(
  _ path: String, to measurements: inout Measurements, of system: MolecularSystem,
  keepingBroken: Bool, log: Logger
) throws {
  let notes = try readTrajectory(
    path: path, blocksOf: Measurements.block, expectedAtoms: system.topology.atoms,
    keepingBroken: keepingBroken
  ) { block in
    let first = measurements.energies.count
    if first == 0 { measurements.begin(frames: try trajectoryFrames(path: path)) }
    if !keepingBroken {
      for frame in 0..<block.frames {
        if let strange = strangeBond(block, frame, of: system.prmtop) {
          throw RunError.badData(path: path, problem: "frame \(first + frame): \(strange)")
        }
      }
    }
    measurements.add(block)
  }
  for note in notes { log.warning("\(path): \(note)") }
}
