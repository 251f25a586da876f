import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Writes a system's folder: `system.yaml`, `topology.prmtop`, `start.ncrst`, `topology.pdb` and a
/// README, which get their names together.
///
/// - Parameters:
///   - model: Where the structure comes from; nil to build one.
///   - folder: Absent or empty.
/// - Returns: The system, read back from the folder.
/// - Throws: `SequenceError`, `StartStructureError`, `PDBError`, `RunError`, or what writing throws;
///   before anything is written for what cannot be built, or begun with.
package func buildSystem(
  _ settings: BuildSettings, model: PDBModel? = nil, in folder: String, version: String
) throws -> MolecularSystem {
  let molecule = try BuiltMolecule(settings)
  let (peptide, prmtop) = (molecule.peptide, molecule.prmtop)
  let field = prmtop.forceField
  let positions =
    try model.map { try $0.positions(of: peptide, field: field) }
    ?? peptide.startStructure(field: field, energy: molecule.energy, seed: settings.seed)
  let start = "\(folder)/start.ncrst"
  if let problem = startProblem(positions, of: prmtop) {
    throw RunError.badData(path: model?.source ?? start, problem: problem)
  }
  let title = settings.name
  try createFolder(folder)
  var set = FileSet()
  try set.write(
    prmtopText(prmtop, atomTypes: peptide.atomTypes, title: title),
    path: "\(folder)/topology.prmtop")
  try set.write(
    pdbText(
      peptide.topology, positions: positions, remarks: ["\(title), \(settings.forceField.rawValue)"]
    ),
    path: "\(folder)/topology.pdb")
  try writeAmberRestart(
    positions, path: try set.place(for: start), programVersion: version, title: title,
    reportedAs: start)
  try set.write(settings.readme(peptide, model: model), path: "\(folder)/README.md")
  // The description comes last: without it the folder is no system.
  let flips = !Flip.all(topology: peptide.topology, forceField: field).isEmpty
  try set.write(settings.description(flips: flips), path: "\(folder)/\(SystemKind.molecule.file)")
  try set.commit()
  return try MolecularSystem(folder: folder)
}

extension BuildSettings {
  /// The text of `system.yaml`.
  ///
  /// - Parameter flips: Whether rings or carboxylates flip.
  func description(flips: Bool) -> String {
    let solvent = implicitSolvent
    var text = """
      name: \(name)
      sequence: \(sequence.text)
      topology: topology.prmtop
      start: start.ncrst
      temperature: \(kelvins)            # K
      implicit_solvent:
        model: \(solvent.model.rawValue)

      """
    if solvent.model != .none {
      text += """
          solvent_dielectric: \(solvent.solventDielectric)
          solute_dielectric: \(solvent.soluteDielectric)
          surface_area: \(solvent.surfaceArea)         # the ACE term

        """
      if saltConcentration > 0 {
        text += "  salt_concentration: \(saltConcentration)   # mol/l, monovalent\n"
      }
    }
    text += "force_field: \(forceField.rawValue), \(bornRadii.rawValue) radii\n"
    if flips {
      text += """
        defaults:
          relabel_flips: true      # either label for rings and carboxylates that flip

        """
    }
    return text
  }

  private var kelvins: String {
    temperature == temperature.rounded() ? "\(Int(temperature))" : "\(temperature)"
  }

  /// The text of the folder's README.
  func readme(_ peptide: Peptide, model: PDBModel?) -> String {
    let names = peptide.topology.residueNames.joined(separator: " ")
    let solvent =
      implicitSolvent.model == .none
      ? "in vacuum" : "with the implicit solvent \(implicitSolvent.model.rawValue)"
    let start =
      model.map { "the heavy atoms of \($0.source), with hydrogens added where it has none" }
      ?? "built from ideal bond lengths and angles\(seed == 0 ? "" : " with seed \(seed)"), minimised"
    return """
      # \(sequence.text)

      \(names): \(peptide.topology.atoms) atoms, force field Amber \(forceField.rawValue), \(solvent),
      \(kelvins) K, no cut-off, no constraints. The Born radii are \(bornRadii.rawValue).
      Ends without a cap are charged.

      - `system.yaml`: temperature, implicit solvent, and the names of the files below.
      - `topology.prmtop`: AMBER topology and parameters, with Born radii.
      - `topology.pdb`: the start structure for programs that show molecules.
      - `start.ncrst`: the start structure, \(start).

      From this folder, frames and a trained model:

          tarflow-mol simulate . --time 10ns
          tarflow-mol train . --simulate 10ns

      """
  }
}

extension MolecularSystem {
  /// What there is to say of a system that has just been built.
  package func buildFacts() throws -> [Fact] {
    let start = try readStart(try startPath(), of: self)
    return [
      ("system", .text(folder)), ("residues", .text(topology.residueNames.joined(separator: " "))),
      ("atoms", .count(topology.atoms)), ("charge", .number(prmtop.forceField.netCharge)),
      ("force field", .text(description.forceField ?? "")),
      ("implicit solvent", .text(description.implicitSolvent.model)),
      ("energy of the start kJ/mol", .number(energy.terms(start).total)),
    ]
  }
}
