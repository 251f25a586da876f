/// What an AMBER prmtop says about a molecule.
package struct Prmtop: Equatable, Sendable {
  package var topology: Topology
  package var forceField: ForceField
  /// The text of `RADIUS_SET`; empty when the file has none.
  package var radiusSet: String
  /// What the user should know, one line each: values assumed, radii that may not fit, sections not
  /// used.
  package var notes: [String]
}

/// Reads the topology and the force field from an AMBER prmtop (Amber 7 and later).
///
/// Fields are told apart by the widths in `%FORMAT`. Everything is converted to internal units. A
/// file that asks for physics which the energy does not have is refused by name.
///
/// - Parameters:
///   - path: The file.
///   - model: The solvent that the radii are for. In vacuum they do not matter: they may then be zero
///     or absent, and are not read. Where it is not known, they are read as for OBC.
/// - Throws: ``PrmtopError`` with the line and what was expected there.
/// - SeeAlso: The description of the format at ambermd.org/FileFormats.php.
package func readPrmtop(
  path: String, model: ImplicitSolvent.Model? = nil
) throws(PrmtopError) -> Prmtop {
  try readPrmtop(PrmtopFile(path: path), model: model)
}

/// Interprets the sections of a prmtop.
func readPrmtop(
  _ file: PrmtopFile, model: ImplicitSolvent.Model?
) throws(PrmtopError) -> Prmtop {
  try file.refuseUnsupportedFlags()
  let reader = try PrmtopReader(file)
  try reader.refuseUnsupportedPointers()
  var notes: [String] = []
  let forceField = try reader.forceField(&notes, model: model)
  let topology = try reader.topology(bonds: forceField.bonds)
  if model == .gbn2 { try reader.refuseNucleicAcids() }
  let radiusSet =
    model == ImplicitSolvent.Model.none ? "" : try reader.radiusSet(&notes, for: model)
  notes += file.unusedFlags.map { "%FLAG \($0) is not known and was not used" }
  return Prmtop(topology: topology, forceField: forceField, radiusSet: radiusSet, notes: notes)
}
