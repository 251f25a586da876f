import Foundation
import Runs

/// The record of what is computed of a molecular system.
package protocol SystemRecord: RunRecord {
  /// The folder of the system.
  var system: String { get }
  var topology: InputFile { get }
  /// `system.yaml`: temperature and solvent.
  var description: InputFile { get }
}

extension SystemRecord {
  /// The system, checked to be still the one it was: all that is computed depends on its energy and
  /// temperature.
  /// - Throws: `RunError.badData` when it is not, `.missing` when it is gone, or `PrmtopError`.
  package func readSystem() throws -> MolecularSystem {
    try topology.checkUnchanged()
    try description.checkUnchanged()
    return try MolecularSystem(descriptionPath: description.path, topologyPath: topology.path)
  }

  /// The files of the system and the folder that they are in: those of some folders of copies where
  /// the originals are gone or have changed.
  func systemFound(
    in copies: [String]
  ) -> (system: String, topology: InputFile, description: InputFile) {
    let description = description.found(in: copies)
    return (
      URL(fileURLWithPath: description.path).deletingLastPathComponent().path,
      topology.found(in: copies), description
    )
  }
}
