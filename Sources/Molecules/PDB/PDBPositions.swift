/// The coordinates of the first model of a PDB file for the atoms of a topology: nm, [atoms].
///
/// Residues are matched by their order, atoms by their names in the residue, whatever their order.
/// A file that ``pdbText(_:positions:remarks:)`` wrote gives its coordinates back to 0.001 Å
/// (`PDBPositionsTests`).
///
/// - Throws: ``PDBError`` naming what is missing or too much.
package func pdbPositions(
  path: String, topology: Topology
) throws(PDBError) -> (positions: [SIMD3<Double>], notes: [String]) {
  let file = try readPDBRecords(path: path)
  let residues = file.residues
  guard residues.count == topology.residueNames.count else {
    throw .otherAtoms(
      path: path,
      problem: "has \(residues.count) residue\(residues.count == 1 ? "" : "s"), "
        + "the topology has \(topology.residueNames.count)")
  }
  let counted = residues.reduce(0) { $0 + $1.atoms.count }
  var positions: [SIMD3<Double>] = []
  for atom in 0..<topology.atoms {
    let residue = residues[topology.residueOfAtom[atom]]
    let name = topology.atomNames[atom]
    guard let position = residue.position(name.uppercased()) else {
      let expected = topology.residueNames[topology.residueOfAtom[atom]]
      let whose = residue.label.hasPrefix(expected) ? "" : " of the topology's \(expected)"
      throw .otherAtoms(path: path, problem: "\(residue.label) has no atom \(name)\(whose)")
    }
    positions.append(position)
  }
  guard counted == topology.atoms else {
    throw .otherAtoms(
      path: path, problem: "has \(counted) atoms, the topology has \(topology.atoms)")
  }
  return (positions, file.notes)
}
