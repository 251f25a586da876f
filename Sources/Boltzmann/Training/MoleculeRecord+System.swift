import Foundation
import Logging
import Molecules
import Runs

extension MoleculeRecord {
  /// The name of the run's system.
  package var systemName: String {
    (try? SystemDescription.read(path: description.path).name)
      ?? URL(fileURLWithPath: system).lastPathComponent
  }

  /// The record with another system of the same molecule in place of the run's own, and with the
  /// trajectories of that system's folder that are the run's.
  ///
  /// A warning says when its energy is another one.
  ///
  /// - Throws: `RunError.badData` when the molecule is another one, atom by atom.
  package func using(
    _ other: MolecularSystem, in folder: RunFolder, log: Logger
  ) throws -> MoleculeRecord {
    let own = try? readSystem()
    let model = try? TrainedModel(path: folder.model)
    let difference =
      own.map { moleculeDifference(other.topology, $0.topology) }
      ?? model.map {
        $0.atomOrder(for: other.topology) == nil
          ? "the run's model places \($0.representation.atoms) atoms in another order" : nil
      } ?? nil
    if let difference {
      throw RunError.badData(
        path: other.topologyPath,
        problem: "is of another molecule than \(folder.path): \(difference); name a system of the "
          + "same molecule")
    }
    let notes = try own.map { try ModelTarget(of: $0).notes } ?? model?.notes ?? [:]
    let change = try ModelTarget(of: other).difference(from: notes)
    if let (key, found, wanted) = change {
      log.warning(
        """
        \(folder.path): is read with another energy than it was made for: \(key) is \(wanted), not \
        \(found); weights and figures are those of \(other.folder)
        """)
    }
    var record = self
    record.isOfOtherEnergy = change != nil
    record.topology = try InputFile(path: other.topologyPath)
    record.description = try InputFile(path: other.descriptionPath)
    record.system = other.folder
    record.training = training.found(in: [other.folder], comparing: false)
    record.reference = reference?.found(in: [other.folder], comparing: false)
    return record
  }
}

extension MoleculeRecord {
  /// How many steps an unfinished training of the run has done; nil where it has ended, or has no
  /// checkpoint that would say so.
  func unfinishedSteps(in folder: RunFolder) -> Int? {
    folder.savedSteps().first.flatMap { $0.step < configuration.training.steps ? $0.step : nil }
  }

  /// Says that a run's model is that of an unfinished training, if so.
  package func warnOfUnfinishedTraining(in folder: RunFolder, log: Logger) {
    guard let done = unfinishedSteps(in: folder) else { return }
    log.warning(
      """
      \(folder.path): the training has done \(done) of \(configuration.training.steps) steps; these \
      are its best weights so far
      """)
  }
}
