import Foundation
import Molecules
import Runs

extension BuildSettings {
  /// The model for the molecule that these settings build: that of a system, or else that of the
  /// run whose training ended last.
  ///
  /// The molecule is the same if the topology, the solvent, the temperature, the energies of
  /// conformations, and the isomers of the start are (ModelOfSequenceTests).
  ///
  /// - Parameters:
  ///   - systems: The folders of systems that may hold one.
  ///   - runs: The folder of runs.
  ///   - advice: How to train one.
  /// - Throws: `RunError.missing` when there is none, and what building throws.
  package func model(systems: [String], runs: String, advice: String) throws -> ModelPlace {
    let molecule = try BuiltMolecule(self)
    for folder in systems {
      let model = "\(folder)/\(pretrainedModelFile)"
      if FileManager.default.fileExists(atPath: model),
        let system = try? MolecularSystem(folder: folder),
        molecule.difference(of: system) == nil
      {
        return .system(folder)
      }
    }
    // A training ends with its last checkpoint, which nothing writes again; of a run without one
    // there is the model.
    let trained = folders(runs).map { RunFolder(path: $0) }.compactMap { run in
      modificationDate(run.savedSteps().first?.path ?? run.model).map { (run: run, date: $0) }
    }
    for (run, _) in trained.sorted(by: { $0.date > $1.date }) {
      if let record = try? MoleculeRecord.read(path: run.record),
        record.unfinishedSteps(in: run) == nil,
        let system = try? record.readSystem(), molecule.difference(of: system) == nil,
        FileManager.default.fileExists(atPath: run.model)
      {
        return .run(run)
      }
    }
    throw RunError.missing(what: "trained model of \(sequence.text)", path: runs, advice: advice)
  }
}

/// The folders in a folder, sorted; none if it is not there.
private func folders(_ path: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    .map { "\(path)/\($0)" }
}

private func modificationDate(_ path: String) -> Date? {
  try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
}
