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

extension MolecularSystem {
  /// In what a run of this system is none of another one, in words; nil if it is one: they have one
  /// name and one energy.
  ///
  /// - Throws: `RunError.missing` where a topology is not there.
  package func difference(from other: MolecularSystem) throws -> String? {
    let (own, wanted) = (description.name, other.description.name)
    if own != wanted { return "is a run of \(own), not of \(wanted)" }
    return try ModelTarget(of: other).difference(from: ModelTarget(of: self).notes).map {
      "is a run of another \(wanted): its \($0.key) is \($0.found), that of \(other.folder) is "
        + $0.wanted
    }
  }
}
