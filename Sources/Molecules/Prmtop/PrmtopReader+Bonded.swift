/// A dihedral as the file lists it.
struct PrmtopDihedral {
  var atoms: SIMD4<Int32>
  /// From 0.
  var type: Int
  var isImproper: Bool
  /// Whether its ends are a 1–4 pair.
  var hasPair14: Bool
  var place: PrmtopError.Place

  /// The atoms, from 1, as messages name them.
  var numbers: [Int] { [atoms.x, atoms.y, atoms.z, atoms.w].map { Int($0) + 1 } }
}

extension PrmtopReader {
  func bonds() throws(PrmtopError) -> [HarmonicBond] {
    let types = pointers[.bondTypes]
    let stiffness = try reals("BOND_FORCE_CONSTANT", count: types, "at least 0") { $0 >= 0 }.values
    let length = try reals("BOND_EQUIL_VALUE", count: types, "at least 0, Å") { $0 >= 0 }.values
    let unit = AmberUnits.energy / (AmberUnits.length * AmberUnits.length)
    var bonds: [HarmonicBond] = []
    for (flag, count) in [
      ("BONDS_INC_HYDROGEN", pointers[.bondsWithHydrogen]),
      ("BONDS_WITHOUT_HYDROGEN", pointers[.bondsWithoutHydrogen]),
    ] {
      let list = try integers(flag, count: 3 * count)
      for start in stride(from: 0, to: list.values.count, by: 3) {
        let atoms = SIMD2(try atom(list, start), try atom(list, start + 1))
        try checkDistinct([atoms.x, atoms.y], list.place(start))
        let type = try index(list, start + 2, count: types)
        bonds.append(
          HarmonicBond(
            atoms: atoms, length: length[type] * AmberUnits.length,
            stiffness: 2 * stiffness[type] * unit))
      }
    }
    return bonds
  }

  func angles() throws(PrmtopError) -> [HarmonicAngle] {
    let types = pointers[.angleTypes]
    let stiffness = try reals("ANGLE_FORCE_CONSTANT", count: types, "at least 0") { $0 >= 0 }.values
    let angle = try reals("ANGLE_EQUIL_VALUE", count: types, "an angle from 0 to π, rad") {
      (0...Double.pi + 1e-3).contains($0)
    }.values
    var angles: [HarmonicAngle] = []
    for (flag, count) in [
      ("ANGLES_INC_HYDROGEN", pointers[.anglesWithHydrogen]),
      ("ANGLES_WITHOUT_HYDROGEN", pointers[.anglesWithoutHydrogen]),
    ] {
      let list = try integers(flag, count: 4 * count)
      for start in stride(from: 0, to: list.values.count, by: 4) {
        let atoms = SIMD3(
          try atom(list, start), try atom(list, start + 1), try atom(list, start + 2))
        try checkDistinct([atoms.x, atoms.y, atoms.z], list.place(start))
        let type = try index(list, start + 3, count: types)
        angles.append(
          HarmonicAngle(
            atoms: atoms, angle: angle[type], stiffness: 2 * stiffness[type] * AmberUnits.energy))
      }
    }
    return angles
  }

  /// A negative third atom means no 1–4 pair; a negative fourth one an improper, which has none
  /// either.
  func dihedrals() throws(PrmtopError) -> [PrmtopDihedral] {
    let types = pointers[.dihedralTypes]
    var dihedrals: [PrmtopDihedral] = []
    for (flag, count) in [
      ("DIHEDRALS_INC_HYDROGEN", pointers[.dihedralsWithHydrogen]),
      ("DIHEDRALS_WITHOUT_HYDROGEN", pointers[.dihedralsWithoutHydrogen]),
    ] {
      let list = try integers(flag, count: 5 * count)
      for start in stride(from: 0, to: list.values.count, by: 5) {
        let (third, fourth) = (list.values[start + 2], list.values[start + 3])
        let dihedral = PrmtopDihedral(
          atoms: SIMD4(
            try atom(list, start), try atom(list, start + 1),
            try atom(list, start + 2, signed: true), try atom(list, start + 3, signed: true)),
          type: try index(list, start + 4, count: types), isImproper: fourth < 0,
          hasPair14: third > 0 && fourth > 0, place: list.place(start))
        let atoms = dihedral.atoms
        try checkDistinct([atoms.x, atoms.y, atoms.z, atoms.w], dihedral.place)
        if third >= 0 && fourth >= 0 && !dihedral.hasPair14 {
          throw .ambiguousDihedral(dihedral.place, atoms: dihedral.numbers)
        }
        dihedrals.append(dihedral)
      }
    }
    return dihedrals
  }

  /// The cosine terms of the dihedrals, proper and improper.
  func torsions(
    _ dihedrals: [PrmtopDihedral]
  ) throws(PrmtopError) -> (propers: [Torsion], impropers: [Torsion]) {
    let types = pointers[.dihedralTypes]
    let barrier = try reals("DIHEDRAL_FORCE_CONSTANT", count: types).values
    let phase = try reals("DIHEDRAL_PHASE", count: types, "a phase within ±2π, rad") {
      abs($0) <= 2 * Double.pi + 1e-3
    }.values
    // Series of terms were once marked by a negative periodicity; no force field goes beyond 6.
    let periodicity = try reals(
      "DIHEDRAL_PERIODICITY", count: types, "a whole number from -12 to 12"
    ) { $0 == $0.rounded() && abs($0) <= 12 }.values
    let terms = dihedrals.map { dihedral in
      Torsion(
        atoms: dihedral.atoms, periodicity: Int(abs(periodicity[dihedral.type])),
        phase: phase[dihedral.type], barrier: barrier[dihedral.type] * AmberUnits.energy)
    }
    let marked = zip(dihedrals, terms)
    return (
      marked.filter { !$0.0.isImproper }.map(\.1), marked.filter { $0.0.isImproper }.map(\.1)
    )
  }

  private func checkDistinct(
    _ atoms: [Int32], _ place: PrmtopError.Place
  ) throws(PrmtopError) {
    if Set(atoms).count < atoms.count {
      throw .repeatedAtom(place, atoms: atoms.map { Int($0) + 1 })
    }
  }
}
