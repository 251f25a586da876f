import Molecules

/// In what one molecule differs from another, in words; nil if they are the same, atom by atom.
package func moleculeDifference(_ found: Topology, _ wanted: Topology) -> String? {
  guard found.atoms == wanted.atoms else { return "\(found.atoms) atoms, not \(wanted.atoms)" }
  func name(_ topology: Topology, _ atom: Int) -> String {
    let residue = topology.residueOfAtom[atom]
    return "\(topology.atomNames[atom]) of \(topology.residueNames[residue])\(residue + 1)"
  }
  for atom in 0..<found.atoms
  where name(found, atom) != name(wanted, atom)
    || found.atomicNumbers[atom] != wanted.atomicNumbers[atom]
  {
    return "atom \(atom + 1) is \(name(found, atom)), not \(name(wanted, atom))"
  }
  return found.bonds == wanted.bonds ? nil : "other bonds"
}
