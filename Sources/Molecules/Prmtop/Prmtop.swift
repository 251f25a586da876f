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
///   - usesRadii: Whether the Born radii matter. In vacuum they do not: they may then be zero or
///     absent, and are not read.
/// - Throws: ``PrmtopError`` with the line and what was expected there.
/// - SeeAlso: The description of the format at ambermd.org/FileFormats.php.
package func readPrmtop(path: String, usesRadii: Bool = true) throws(PrmtopError) -> Prmtop {
  try readPrmtop(PrmtopFile(path: path), usesRadii: usesRadii)
}

/// Interprets the sections of a prmtop.
func readPrmtop(_ file: PrmtopFile, usesRadii: Bool) throws(PrmtopError) -> Prmtop {
  try file.refuseUnsupportedFlags()
  let reader = try PrmtopReader(file)
  try reader.refuseUnsupportedPointers()
  var notes: [String] = []
  let forceField = try reader.forceField(&notes, usesRadii: usesRadii)
  let topology = try reader.topology(bonds: forceField.bonds)
  let radiusSet = usesRadii ? try reader.radiusSet(&notes) : ""
  notes += file.unusedFlags.map { "%FLAG \($0) is not known and was not used" }
  return Prmtop(topology: topology, forceField: forceField, radiusSet: radiusSet, notes: notes)
}
