import Foundation
import Kernels
import Molecules
import Runs

extension SystemKind {
  /// A molecule's system: a folder with a description, a topology, and perhaps trajectories.
  package static let molecule = SystemKind("system", file: "system.yaml")
}

/// A system folder that has been read: the molecule, its energy and its temperature.
package struct MolecularSystem: Sendable {
  package let folder: String
  package let descriptionPath: String
  package private(set) var description: SystemDescription
  package let prmtop: Prmtop
  package let topologyPath: String
  package let energy: Energy

  package var topology: Topology { prmtop.topology }

  /// kT, kJ/mol.
  package var thermalEnergy: Double { Constants.gas * description.temperature }

  /// Reads a system.
  ///
  /// - Parameters:
  ///   - descriptionPath: A `system.yaml`.
  ///   - topologyPath: A prmtop in place of the one that the description names.
  /// - Throws: `RunError` or `PrmtopError`.
  package init(descriptionPath: String, topologyPath: String? = nil) throws {
    self.descriptionPath = descriptionPath
    folder = URL(fileURLWithPath: descriptionPath).deletingLastPathComponent().path
    description = try SystemDescription.read(path: descriptionPath)
    let solvent = try description.solvent(path: descriptionPath)
    self.topologyPath = topologyPath ?? path(description.topology, in: folder)
    prmtop = try readPrmtop(path: self.topologyPath, model: solvent.model)
    energy = Energy(prmtop.forceField, solvent: solvent)
  }

  package init(folder: String) throws {
    try self.init(descriptionPath: "\(folder)/\(SystemKind.molecule.file)")
  }

  /// The same molecule and energy at another temperature, K.
  package func at(temperature: Double) -> MolecularSystem {
    precondition(temperature > 0, "a temperature of \(temperature) K")
    var other = self
    other.description = description.at(temperature: temperature)
    return other
  }

  /// The trajectories that the description names, or else those of the usual names.
  package var trainingPath: String { path(description.training ?? "training.nc", in: folder) }
  package var referencePath: String { path(description.reference ?? "reference.nc", in: folder) }

  /// The reference trajectory, if it is there.
  package var existingReference: String? {
    FileManager.default.fileExists(atPath: referencePath) ? referencePath : nil
  }

  /// The structure that a simulation begins with: the one given, or the one that the description
  /// names.
  /// - Throws: `RunError.missing` when there is none.
  package func startPath(
    given: String? = nil, advice: String = "name one there as start: FILE"
  ) throws(RunError) -> String {
    guard let path = given ?? description.start.map({ path($0, in: folder) }) else {
      throw .missing(what: "structure to begin with", path: descriptionPath, advice: advice)
    }
    return path
  }

  /// The structures that the chains of a simulation begin with, if the folder has any: an AMBER
  /// trajectory.
  package var startsPath: String { "\(folder)/starts.nc" }

  /// What a simulation begins with: the file given, or the folder's start structures, or the one
  /// that the description names.
  /// - Throws: As ``startPath(given:advice:)``.
  package func simulationStartPath(
    given: String? = nil, advice: String = "name one there as start: FILE"
  ) throws(RunError) -> String {
    let starts = FileManager.default.fileExists(atPath: startsPath) ? startsPath : nil
    return try startPath(given: given ?? starts, advice: advice)
  }

  /// Energies over kT, [frames], of coordinates in nm, [frames, atoms, 3].
  package func reducedEnergies(_ coordinates: [Double], execution: Execution) -> [Double] {
    energy.terms(coordinates: coordinates, execution: execution).map { $0.total / thermalEnergy }
  }
}

/// A path that a description names: absolute, or relative to its folder.
private func path(_ name: String, in folder: String) -> String {
  name.hasPrefix("/") ? name : "\(folder)/\(name)"
}
