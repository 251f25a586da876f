/// The bonds, angles and dihedrals of a force field as a prmtop lists them: atoms by `3 i`, then the
/// number of the type from 1.
struct BondedLists {
  /// Amber keeps those with a hydrogen apart.
  struct Lists {
    var withHydrogen: [[Int]] = []
    var others: [[Int]] = []

    mutating func append(_ entry: [Int], hasHydrogen: Bool) {
      if hasHydrogen { withHydrogen.append(entry) } else { others.append(entry) }
    }
  }

  /// What dihedrals of one type share; the scales are those of the 1–4 pair.
  struct DihedralType: Hashable {
    /// kcal/mol.
    var barrier: Double
    var periodicity: Int
    /// rad.
    var phase: Double
    var coulombScale: Double
    var lennardJonesScale: Double
  }

  private(set) var bonds = Lists()
  private(set) var angles = Lists()
  private(set) var dihedrals = Lists()
  /// The force constant, kcal mol⁻¹ Å⁻², and the length, Å.
  private(set) var bondTypes: [SIMD2<Double>] = []
  /// The force constant, kcal mol⁻¹ rad⁻², and the angle, rad.
  private(set) var angleTypes: [SIMD2<Double>] = []
  private(set) var dihedralTypes: [DihedralType] = []

  init(_ field: ForceField, elements: [Int]) {
    func hasHydrogen(_ atoms: [Int32]) -> Bool { atoms.contains { elements[Int($0)] == 1 } }
    let unit = AmberUnits.energy / (AmberUnits.length * AmberUnits.length)
    for bond in field.bonds {
      let kind = SIMD2(bond.stiffness / 2 / unit, bond.length / AmberUnits.length)
      let type = number(of: kind, in: &bondTypes)
      let atoms = [bond.atoms.x, bond.atoms.y]
      bonds.append(atoms.map { 3 * Int($0) } + [type], hasHydrogen: hasHydrogen(atoms))
    }
    for angle in field.angles {
      let kind = SIMD2(angle.stiffness / 2 / AmberUnits.energy, angle.angle)
      let type = number(of: kind, in: &angleTypes)
      let atoms = [angle.atoms.x, angle.atoms.y, angle.atoms.z]
      angles.append(atoms.map { 3 * Int($0) } + [type], hasHydrogen: hasHydrogen(atoms))
    }
    addDihedrals(field, hasHydrogen)
  }

  /// Lists the torsions.
  ///
  /// The first torsion between the atoms of a 1–4 pair carries it; the third atom of the others is
  /// negative. So is the fourth of an improper.
  private mutating func addDihedrals(_ field: ForceField, _ hasHydrogen: ([Int32]) -> Bool) {
    var pairs: [SIMD2<Int32>: Pair14] = [:]
    for pair in field.pairs14 {
      pairs[SIMD2(min(pair.atoms.x, pair.atoms.y), max(pair.atoms.x, pair.atoms.y))] = pair
    }
    let usual = field.pairs14.first
    let marked = field.torsions.map { ($0, false) } + field.impropers.map { ($0, true) }
    for (torsion, isImproper) in marked {
      var atoms = (0..<4).map { torsion.atoms[$0] }
      // The first atom of the file is 0, which cannot be negative; the angle is the same both ways.
      if atoms[2] == 0 || atoms[3] == 0 { atoms.reverse() }
      let ends = SIMD2(min(atoms[0], atoms[3]), max(atoms[0], atoms[3]))
      let pair = isImproper ? nil : pairs.removeValue(forKey: ends)
      let scales = pair ?? usual
      let kind = DihedralType(
        barrier: torsion.barrier / AmberUnits.energy, periodicity: torsion.periodicity,
        phase: torsion.phase, coulombScale: scales?.coulombScale ?? 1 / 1.2,
        lennardJonesScale: scales?.lennardJonesScale ?? 0.5)
      let type = number(of: kind, in: &dihedralTypes)
      let entry = [
        3 * Int(atoms[0]), 3 * Int(atoms[1]), (pair == nil ? -3 : 3) * Int(atoms[2]),
        (isImproper ? -3 : 3) * Int(atoms[3]), type,
      ]
      dihedrals.append(entry, hasHydrogen: hasHydrogen(atoms))
    }
    precondition(pairs.isEmpty, "no torsion carries the 1–4 pairs \(pairs.keys)")
  }
}

/// The number of a kind, from 1; it is added if it is new.
private func number<Kind: Equatable>(of kind: Kind, in kinds: inout [Kind]) -> Int {
  if let place = kinds.firstIndex(of: kind) { return place + 1 }
  kinds.append(kind)
  return kinds.count
}
