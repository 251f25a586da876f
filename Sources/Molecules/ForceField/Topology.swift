/// Which atoms a molecule has, and which of them are bonded; no parameters, no coordinates.
package struct Topology: Equatable, Sendable {
  /// Atom names as in the PDB ("CA", "HB1"), [atoms].
  package var atomNames: [String]
  /// Atomic numbers, [atoms]; guessed from the mass when the prmtop has none.
  package var atomicNumbers: [Int]
  /// Masses in u, [atoms].
  package var masses: [Double]
  /// Residue names ("ALA"), [residues].
  package var residueNames: [String]
  /// The residue of each atom, [atoms].
  package var residueOfAtom: [Int]
  /// Pairs of bonded atoms, the lower index first, sorted.
  package var bonds: [SIMD2<Int32>]

  package init(
    atomNames: [String], atomicNumbers: [Int], masses: [Double], residueNames: [String],
    residueOfAtom: [Int], bonds: [SIMD2<Int32>]
  ) {
    self.atomNames = atomNames
    self.atomicNumbers = atomicNumbers
    self.masses = masses
    self.residueNames = residueNames
    self.residueOfAtom = residueOfAtom
    self.bonds = bonds
  }

  /// The number of atoms.
  package var atoms: Int { atomNames.count }

  /// The atoms bonded to each atom, ascending, [atoms].
  package var neighbours: [[Int]] {
    var lists = [[Int]](repeating: [], count: atoms)
    for bond in bonds {
      lists[Int(bond.x)].append(Int(bond.y))
      lists[Int(bond.y)].append(Int(bond.x))
    }
    return lists.map { $0.sorted() }
  }

  /// What an error message calls an atom: residue, name and index from zero, "ALA3 HB1 (atom 28)".
  func label(_ atom: Int) -> String {
    let residue = residueOfAtom[atom]
    return "\(residueNames[residue])\(residue + 1) \(atomNames[atom]) (atom \(atom))"
  }
}
