import Foundation
import Kernels
import Molecules
import Runs

extension BuildSettings {
  /// The model for the molecule that these settings build: that of a system, or else that of the
  /// run that was finished last.
  ///
  /// The molecule is the same if the topology, the solvent, the temperature, the energies of
  /// conformations, and the isomers of the start are (ModelOfSequenceTests).
  ///
  /// - Parameters:
  ///   - systems: The folders of systems that may hold one.
  ///   - runs: The folder of runs.
  ///   - advice: How to train one.
  /// - Throws: `RunError.missing` when there is none, or `SequenceError`.
  package func model(systems: [String], runs: String, advice: String) throws -> ModelPlace {
    let molecule = BuiltMolecule(self, peptide: try Peptide(sequence, forceField: forceField))
    for folder in systems {
      let model = "\(folder)/\(pretrainedModelFile)"
      if FileManager.default.fileExists(atPath: model),
        let system = try? MolecularSystem(folder: folder), molecule.isThat(of: system)
      {
        return .system(folder)
      }
    }
    let finished = folders(runs).map { RunFolder(path: $0) }.compactMap { run in
      modificationDate(run.evaluation).map { (run: run, date: $0) }
    }
    for (run, _) in finished.sorted(by: { $0.date > $1.date }) {
      if let record = try? MoleculeRecord.read(path: run.record),
        let system = try? record.readSystem(), molecule.isThat(of: system),
        FileManager.default.fileExists(atPath: run.model)
      {
        return .run(run)
      }
    }
    throw RunError.missing(what: "trained model of \(sequence.text)", path: runs, advice: advice)
  }
}

/// A molecule that was built in memory.
private struct BuiltMolecule {
  let settings: BuildSettings
  let peptide: Peptide
  let energy: Energy

  init(_ settings: BuildSettings, peptide: Peptide) {
    (self.settings, self.peptide) = (settings, peptide)
    energy = Energy(
      peptide.parameters(radii: settings.bornRadii), solvent: settings.implicitSolvent)
  }

  /// Whether a system's molecule, temperature and energy are the same.
  func isThat(of system: MolecularSystem) -> Bool {
    guard system.topology == peptide.topology,
      system.description.temperature == settings.temperature,
      let solvent = try? system.description.solvent(path: system.descriptionPath),
      solvent == settings.implicitSolvent,
      let own = try? peptide.startStructure(
        field: peptide.parameters(radii: settings.bornRadii), energy: energy)
    else { return false }
    var generator = RandomGenerator(seed: 1, stream: .perturbation)
    // Away from the minimum every parameter shows.
    let distorted = (0..<4).map { frame in
      own.map { x in
        x + 0.005 * Double(frame)
          * SIMD3(generator.normal(), generator.normal(), generator.normal())
      }
    }
    let isEnergyThat = distorted.allSatisfy { x in
      let (own, other) = (energy.terms(x).total, system.energy.terms(x).total)
      // The digits of a prmtop: nine of each parameter.
      return abs(own - other) <= max(1e-3, 1e-6 * abs(own))
    }
    guard isEnergyThat else { return false }
    // A run that was moved may have no start; then its names have to do.
    guard let path = try? system.startPath(), let start = try? readStart(path, of: system) else {
      return true
    }
    let stereochemistry = Stereochemistry(peptide.topology)
    return stereochemistry.isomers(own) == stereochemistry.isomers(start)
      && stereochemistry.handedness(own) == stereochemistry.handedness(start)
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
