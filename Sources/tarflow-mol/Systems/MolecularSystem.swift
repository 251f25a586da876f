import Foundation
import Kernels
import Molecules

/// A system folder that has been read: the molecule, its energy and its temperature.
struct MolecularSystem {
  let folder: String
  let description: SystemDescription
  let prmtop: Prmtop
  let solvent: ImplicitSolvent
  let energy: Energy

  var topology: Topology { prmtop.topology }

  /// kT in kJ/mol.
  var thermalEnergy: Double { Constants.gas * description.temperature }

  /// - Parameters:
  ///   - descriptionPath: A `system.yaml`.
  ///   - topologyPath: A prmtop to use in place of the one that the description names.
  init(descriptionPath: String, topologyPath: String? = nil) throws {
    folder = URL(fileURLWithPath: descriptionPath).deletingLastPathComponent().path
    description = try SystemDescription.read(path: descriptionPath)
    prmtop = try readPrmtop(path: topologyPath ?? "\(folder)/\(description.topology)")
    solvent = try description.solvent(path: descriptionPath)
    energy = Energy(prmtop.forceField, solvent: solvent)
  }

  init(folder: String) throws { try self.init(descriptionPath: "\(folder)/system.yaml") }

  /// Energies divided by kT, [frames], of coordinates in nm, [frames, atoms, 3].
  func reducedEnergies(_ coordinates: [Double], execution: Execution) -> [Double] {
    energy.terms(coordinates: coordinates, execution: execution).map { $0.total / thermalEnergy }
  }

  /// The path of a trajectory: the one on the command line, or the one that `system.yaml` names.
  /// - Throws: `CommandError.missing`, saying how to get one.
  func trajectoryPath(_ kind: String, given: String?, named: String?) throws -> String {
    let path = given ?? named.map { "\(folder)/\($0)" } ?? "\(folder)/\(kind).nc"
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError.missing(
        what: "\(kind) trajectory of \(description.name)", path: path,
        advice:
          "make it: add --simulate 20ns; or pass --\(kind) FILE.nc, an AMBER NetCDF trajectory (see \(folder)/README.md)"
      )
    }
    return path
  }
}
