extension PrmtopReader {
  /// Names, elements, masses, residues and the bonds that the force field has.
  func topology(bonds: [HarmonicBond]) throws(PrmtopError) -> Topology {
    let pairs = Set(bonds.map { SIMD2(min($0.atoms.x, $0.atoms.y), max($0.atoms.x, $0.atoms.y)) })
    return Topology(
      atomNames: try texts("ATOM_NAME", count: atoms),
      atomicNumbers: try atomicNumbers(),
      masses: try masses(),
      residueNames: try texts("RESIDUE_LABEL", count: pointers[.residues]),
      residueOfAtom: try residueOfAtom(),
      bonds: pairs.sorted { ($0.x, $0.y) < ($1.x, $1.y) })
  }

  private func masses() throws(PrmtopError) -> [Double] {
    try reals("MASS", count: atoms, "a positive mass, u") { $0 > 0 }.values
  }

  /// The elements, guessed from the masses where the file does not say them.
  func atomicNumbers() throws(PrmtopError) -> [Int] {
    let masses = try masses()
    guard file.sections["ATOMIC_NUMBER"] != nil else { return masses.map(atomicNumber(mass:)) }
    let listed = try integers("ATOMIC_NUMBER", count: atoms)
    for (entry, number) in listed.values.enumerated() where !(-1...118).contains(number) {
      throw .indexOutOfRange(
        listed.place(entry), entry: entry + 1, found: number, allowed: -1...118)
    }
    // tleap writes −1 where it does not know the element.
    return zip(listed.values, masses).map { $0 > 0 ? $0 : atomicNumber(mass: $1) }
  }

  /// `RESIDUE_POINTER` holds the first atom of each residue, from 1.
  private func residueOfAtom() throws(PrmtopError) -> [Int] {
    let residues = pointers[.residues]
    let firsts = try integers("RESIDUE_POINTER", count: residues)
    var residueOfAtom = [Int](repeating: 0, count: atoms)
    for residue in 0..<residues {
      let lowest = residue == 0 ? 1 : firsts.values[residue - 1] + 1
      let highest = residue == 0 ? 1 : atoms
      let first = firsts.values[residue]
      guard first >= lowest, first <= highest else {
        throw .indexOutOfRange(
          firsts.place(residue), entry: residue + 1, found: first,
          allowed: lowest...max(lowest, highest))
      }
      for atom in first - 1..<atoms { residueOfAtom[atom] = residue }
    }
    return residueOfAtom
  }
}

/// The element of biomolecules and their ions whose mass is nearest; hydrogen up to 4.5 u, for it
/// is often made heavier.
private func atomicNumber(mass: Double) -> Int {
  if mass < 4.5 { return 1 }
  let masses: [(number: Int, mass: Double)] = [
    (6, 12.011), (7, 14.007), (8, 15.999), (9, 18.998), (11, 22.990), (12, 24.305), (15, 30.974),
    (16, 32.06), (17, 35.45), (19, 39.098), (20, 40.078), (26, 55.845), (30, 65.38), (34, 78.971),
    (35, 79.904), (53, 126.904),
  ]
  return masses.min { abs($0.mass - mass) < abs($1.mass - mass) }?.number ?? 0
}
