import Evaluation
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

  package init(
    recipe: String?, seeds: ClosedRange<UInt64>, proposals: Int, folder: String, tests: String?
  ) {
    (self.recipe, self.seeds, self.proposals) = (recipe, seeds, proposals)
    (self.folder, self.tests) = (folder, tests)
  }

  /// Trains and evaluates a system with every seed.
  ///
  /// - Parameters:
  ///   - layers: Settings over those of the recipe.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError.interrupted` after a checkpoint, and what a training throws.
  package func figures(
    of molecule: MolecularSystem, layers: [ConfigurationLayer], kernel: String, context: RunContext
  ) throws -> BenchmarkFigures {
    let reports = try seeds.map { seed in
      let name = [molecule.description.name, recipe ?? "own", "\(seed)"].joined(separator: "-")
      let run = RunFolder(path: "\(folder)/\(name)")
      let file = "\(run.path)/evaluation-\(proposals).json"
      if let report = readRecord(EvaluationReport.self, path: file) { return report }
      context.log.info("\(name)")
      let seedLayer = try ConfigurationLayer(setting: "seed=\(seed)")
      return try report(
        of: molecule, in: run, layers: layers + [seedLayer], to: file, kernel: kernel,
        context: context)
    }
    return BenchmarkFigures(system: molecule.description, reports: reports)
  }

  private func report(
    of molecule: MolecularSystem, in folder: RunFolder, layers: [ConfigurationLayer],
    to file: String, kernel: String, context: RunContext
  ) throws -> EvaluationReport {
    let run = try trainingRun(
      of: molecule, in: folder, layers: layers, kernel: kernel, context: context)
    let inputs = try TrainingInputs(run.record, context: context)
    var training = try MoleculeTraining(inputs, context: context)
    return try run.inFolder(folder.path, kernel: kernel, context: context) { folder in
      let model = try training.run(in: folder)
      if !FileManager.default.fileExists(atPath: folder.weights) {
        let table = try run.record.complete(model, inputs, in: folder, context: context)
        context.log.info("\(table)")
      }
      let test = tests.map { "\($0)/\(molecule.description.name)_test.nc" }
      let (comparison, report) = try run.record.compare(
        in: folder, of: inputs.system, proposals: proposals, reference: test,
        options: run.record.configuration.evaluation, context: context)
      try comparison.write(
        report,
        to: EvaluationFiles(
          figures: file, histogram: "\(folder.path)/histograms-\(proposals).csv"))
      return report
    }
  }

  private func trainingRun(
    of molecule: MolecularSystem, in folder: RunFolder, layers: [ConfigurationLayer],
    kernel: String, context: RunContext
  ) throws -> TrainingRun<MoleculeRecord> {
    if !isFreeFolder(folder.path) {
      return try TrainingRun(goingOn: folder.path, kernel: kernel, context: context)
    }
    let recipe = try recipe.map { try Recipe($0, of: molecule) }
    let source = try recipe?.source() ?? .trajectories(training: nil, reference: nil)
    return try TrainingRun(
      of: molecule,
      try RunConfiguration.resolved(for: molecule, from: source, recipe: recipe, others: layers),
      from: source, folder: { folder.path }, kernel: kernel, context: context)
  }
}
