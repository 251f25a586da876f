import Evaluation
import Flow
import Foundation
import Reporting
import Runs
import TensorFiles

/// Trainings of systems by one recipe, with several seeds each, and their figures.
///
/// Every training is a run folder of its own, SYSTEM-RECIPE-SEED: what is complete is read, what was
/// stopped goes on, so that the same command ends a benchmark that a signal or a time limit has
/// stopped.
package struct Benchmark {
  /// The recipe; nil for the system's own settings and trajectories.
  package let recipe: String?
  package let seeds: ClosedRange<UInt64>
  /// Proposals of the larger budget.
  package let proposals: Int
  /// The folder of all runs.
  package let folder: String
  /// A folder with a trajectory SYSTEM_test.nc to compare with, in place of the run's reference.
  package let tests: String?
  /// Whether the flows of all seeds are put together, too, into SYSTEM-RECIPE-mixture-SEEDS.safetensors.
  package let mixes: Bool
  /// Called before and after what follows a training, which has no checkpoints.
  private let onEvaluation: (_ begins: Bool) -> Void

  package init(
    recipe: String?, seeds: ClosedRange<UInt64>, proposals: Int, folder: String, tests: String?,
    mixes: Bool, onEvaluation: @escaping (_ begins: Bool) -> Void = { _ in }
  ) {
    (self.recipe, self.seeds, self.proposals) = (recipe, seeds, proposals)
    (self.folder, self.tests, self.mixes) = (folder, tests, mixes)
    self.onEvaluation = onEvaluation
  }

  private func evaluating<Result>(_ body: () throws -> Result) rethrows -> Result {
    onEvaluation(true)
    defer { onEvaluation(false) }
    return try body()
  }

  /// Checks that the flows that a system would get can be put together, where they are to be.
  /// - Throws: `RunError.configuration`, and what reading the recipe throws.
  package func check(_ molecule: MolecularSystem, layers: [ConfigurationLayer]) throws {
    guard mixes else { return }
    let recipe = try recipe.map { try Recipe($0, of: molecule) }
    let configuration = try RunConfiguration.resolved(
      for: molecule, from: recipe?.source() ?? .trajectories(training: nil, reference: nil),
      recipe: recipe, others: layers)
    func require(_ holds: Bool, _ problem: String) throws(RunError) {
      if !holds { throw .configuration(source: "--mixture", problem: problem) }
    }
    let counts = TrainedFlow.mixtureCounts
    try require(
      counts.contains(seeds.count),
      "takes \(counts.lowerBound) to \(counts.upperBound) seeds, not \(seeds.count)")
    let name = recipe.map { "the recipe '\($0.name)' of " } ?? ""
    try require(
      configuration.representation == .internal,
      "needs internal coordinates, but \(name)\(molecule.description.name) has Cartesian ones, whose "
        + "density depends on how a conformation is turned; leave it out")
    try require(
      configuration.sampling.precision != .bf16,
      "needs sampling.precision=fp32, not bf16, to which the densities of a mixture must not be "
        + "rounded")
  }

  /// Trains and evaluates a system with every seed.
  ///
  /// - Parameters:
  ///   - layers: Settings over those of the recipe.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError.interrupted` after a checkpoint, `.configuration` when a run in the folder
  ///   was begun or evaluated otherwise, and what a training throws.
  package func figures(
    of molecule: MolecularSystem, layers: [ConfigurationLayer], kernel: String, context: RunContext
  ) throws -> BenchmarkFigures {
    let recipe = try recipe.map { try Recipe($0, of: molecule) }
    let source = try recipe?.source() ?? .trajectories(training: nil, reference: nil)
    let begin = [molecule.description.name, recipe?.name ?? "own"].joined(separator: "-")
    let runs = seeds.map { RunFolder(path: "\(folder)/\(begin)-\($0)") }
    var hashed: [String: InputFile] = [:]
    let reports = try zip(seeds, runs).map { seed, run in
      let seedLayer = try ConfigurationLayer(setting: "seed=\(seed)")
      let configuration = try RunConfiguration.resolved(
        for: molecule, from: source, recipe: recipe, others: layers + [seedLayer],
        log: seed == seeds.lowerBound ? context.log : nil)
      try checkSettings(configuration, of: run)
      let file = "\(run.path)/evaluation-\(proposals).json"
      if let report = readRecord(EvaluationReport.self, path: file), isTrained(run),
        mayBe(report.drawn, of: run)
      {
        try checkReference(of: report, path: file, molecule, run, hashed: &hashed)
        return report
      }
      context.log.info("\(begin)-\(seed)")
      return try report(
        of: molecule, configuration, from: source, in: run, to: file, kernel: kernel,
        context: context)
    }
    return BenchmarkFigures(
      system: molecule.description, reports: reports,
      mixture: mixes
        ? try evaluating {
          try mixture(
            of: runs, molecule, at: "\(folder)/\(begin)-mixture-\(runs.count)", hashed: &hashed,
            context: context)
        } : nil)
  }

  /// Puts the flows of complete runs together, and evaluates the mixture against the test frames or the
  /// reference of the first run, unless there are figures of these very flows.
  private func mixture(
    of runs: [RunFolder], _ molecule: MolecularSystem, at path: String,
    hashed: inout [String: InputFile], context: RunContext
  ) throws -> EvaluationReport {
    let (model, file) = ("\(path).safetensors", "\(path)-\(proposals).json")
    if let report = readRecord(EvaluationReport.self, path: file),
      try isOfMixture(of: runs, report)
    {
      try checkReference(of: report, path: file, molecule, runs[0], hashed: &hashed)
      return report
    }
    context.log.info("\(model)")
    _ = try mixModels(runs.map { .run($0) }, of: molecule, to: model)
    let record = try MoleculeRecord.read(in: runs[0])
    let configuration = record.configuration
    let (comparison, report) = try compareProposals(
      of: try TrainedModel(path: model), proposals,
      with: try testFrames(of: molecule) ?? record.referencePath(in: runs[0]), of: molecule,
      sampling: configuration.sampling, seed: configuration.seed,
      options: configuration.evaluation, context: context)
    try comparison.write(
      report,
      to: EvaluationFiles(figures: file, histogram: "\(path)-histograms-\(proposals).csv"))
    return report
  }

  /// Whether the training of a run has ended, as far as there is something that says so.
  private func isTrained(_ run: RunFolder) -> Bool {
    (try? MoleculeRecord.read(in: run))?.unfinishedSteps(in: run) == nil
  }

  /// Whether the model that a run has now may be the one that drew.
  ///
  /// Runs may have been trained further since. Where the model is gone, or nothing says which one
  /// drew, it counts as that.
  private func mayBe(_ draw: Draw?, of run: RunFolder) -> Bool {
    guard let draw, let model = try? TrainedModel(path: run.model) else { return true }
    return draw.mayBe(of: model)
  }

  /// Whether figures are of the mixture of the flows that the runs have now.
  ///
  /// Runs may have been trained again since. Where a model is gone nothing can be mixed, and figures
  /// count as they are.
  private func isOfMixture(of runs: [RunFolder], _ report: EvaluationReport) throws -> Bool {
    guard runs.allSatisfy({ FileManager.default.fileExists(atPath: $0.model) }) else { return true }
    let mixture = TrainedModel(mixing: try runs.map { try TrainedModel(path: $0.model) })
    return report.drawn?.model == mixture.weightsChecksum
  }

  private func report(
    of molecule: MolecularSystem, _ configuration: RunConfiguration, from source: FrameSource,
    in folder: RunFolder, to file: String, kernel: String, context: RunContext
  ) throws -> EvaluationReport {
    let run =
      isFreeFolder(folder.path)
      ? try TrainingRun(
        of: molecule, configuration, from: source, folder: { folder.path }, kernel: kernel,
        context: context)
      : try TrainingRun(goingOn: folder.path, kernel: kernel, context: context)
    let inputs = try TrainingInputs(run.record, context: context)
    var training = try MoleculeTraining(inputs, context: context)
    return try run.inFolder(folder.path, kernel: kernel, context: context) { folder in
      let model = try training.run(in: folder)
      return try evaluating { () -> EvaluationReport in
        let isSampled = FileManager.default.fileExists(atPath: folder.weights)
        if !isSampled || !mayBe(Draw.read(beside: folder.samples), of: folder) {
          let table = try run.record.complete(model, inputs, in: folder, context: context)
          context.log.info("\(table)")
        }
        let test = testFrames(of: molecule)
        let (comparison, report) = try run.record.compare(
          in: folder, of: inputs.system, proposals: proposals, reference: test,
          options: run.record.configuration.evaluation, context: context)
        try comparison.write(
          report,
          to: EvaluationFiles(
            figures: file, histogram: "\(folder.path)/histograms-\(proposals).csv"))
        writeRunReport(in: folder, context: context)
        return report
      }
    }
  }

  private func testFrames(of molecule: MolecularSystem) -> String? {
    tests.map { "\($0)/\(molecule.description.name)_test.nc" }
  }

  /// Checks that a run that has begun has these settings.
  private func checkSettings(_ configuration: RunConfiguration, of run: RunFolder) throws {
    let begun =
      RunFolder.isRun(run.path)
      ? try MoleculeRecord.read(in: run).configuration
      : try PendingRun.read(in: run.path)?.configuration
    guard let begun, begun != configuration else { return }
    throw RunError.configuration(
      source: run.path,
      problem: "was begun with other settings; repeat those, or choose another folder")
  }

  /// Checks that figures were computed against the frames that are to be compared with: the test
  /// frames, or the reference of a run.
  ///
  /// - Parameter hashed: Files that have been read for this before, by path; most runs have the same.
  private func checkReference(
    of report: EvaluationReport, path: String, _ molecule: MolecularSystem, _ run: RunFolder,
    hashed: inout [String: InputFile]
  ) throws {
    func file(_ path: String) throws -> InputFile {
      if let known = hashed[path] { return known }
      let file = try InputFile(path: path)
      hashed[path] = file
      return file
    }
    let expected: InputFile
    let test = testFrames(of: molecule)
    if let test {
      expected = try file(test)
    } else if let own = try MoleculeRecord.read(in: run).reference {
      // One that is gone is known by its record.
      expected = (try? file(own.path)) ?? own
    } else {
      throw RunError.missing(
        what: "reference trajectory of the run", path: run.record, advice: "pass --tests FOLDER")
    }
    guard report.reference.fnv1a != expected.fnv1a else { return }
    let now =
      report.reference.path == expected.path
      ? "what \(expected.path) holds now" : test ?? expected.path
    throw RunError.configuration(
      source: path,
      problem: "compares with \(report.reference.path), not with \(now); remove it, or choose "
        + "another folder")
  }
}
