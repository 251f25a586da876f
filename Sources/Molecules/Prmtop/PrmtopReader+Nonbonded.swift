extension PrmtopReader {
  /// All parameters, in internal units; adds to `notes` what had to be assumed.
  ///
  /// - Parameter model: The solvent that the Born radii are for; in vacuum they are all zero.
  func forceField(
    _ notes: inout [String], model: ImplicitSolvent.Model?
  ) throws(PrmtopError) -> ForceField {
    let dihedrals = try dihedrals()
    let torsions = try torsions(dihedrals)
    let exclusions = try exclusions()
    let maps = try correctionMaps()
    let usesRadii = model != ImplicitSolvent.Model.none
    let unused = [Double](repeating: 0, count: atoms)
    return ForceField(
      bonds: try bonds(), angles: try angles(), torsions: torsions.propers,
      impropers: torsions.impropers, correctedTorsions: maps.torsions, correctionMaps: maps.maps,
      charges: try reals("CHARGE", count: atoms).values.map { $0 / AmberUnits.chargeFactor },
      lennardJonesTypes: try lennardJonesTypes(), lennardJonesTable: try lennardJonesTable(),
      exclusions: exclusions, pairs14: try pairs14(dihedrals, exclusions, &notes),
      radii: usesRadii ? try radii(model) : unused, screens: usesRadii ? try screens() : unused,
      elements: try atomicNumbers())
  }

  /// Intrinsic Born radii, nm.
  private func radii(_ model: ImplicitSolvent.Model?) throws(PrmtopError) -> [Double] {
    let born = ImplicitSolvent(model: model ?? .obc1).bornModel
    let found =
      if born?.neckScale != nil {
        try reals("RADII", count: atoms, "a Born radius from 1 to 2 Å, for which necks are known") {
          BornModel.neckRadii.contains($0 * AmberUnits.length)
        }
      } else {
        // A smaller radius would leave nothing after the offset of 0.09 Å.
        try reals("RADII", count: atoms, "a Born radius above 0.09 Å") {
          $0 * AmberUnits.length > born?.radiusOffset ?? 0
        }
      }
    return found.values.map { $0 * AmberUnits.length }
  }

  private func screens() throws(PrmtopError) -> [Double] {
    try reals("SCREEN", count: atoms, "a positive factor") { $0 > 0 }.values
  }

  private func lennardJonesTypes() throws(PrmtopError) -> [Int] {
    let list = try integers("ATOM_TYPE_INDEX", count: atoms)
    var types: [Int] = []
    for entry in 0..<atoms { types.append(try index(list, entry, count: pointers[.types])) }
    return types
  }

  /// `A` and `B` of each pair of types, where `NONBONDED_PARM_INDEX` points.
  ///
  /// A negative index points into the 10–12 table, whose coefficients are all zero
  /// (`refuseUnsupportedPointers`): these types do not interact.
  private func lennardJonesTable() throws(PrmtopError) -> [LennardJones] {
    let types = pointers[.types]
    let pairs = types * (types + 1) / 2
    let list = try integers("NONBONDED_PARM_INDEX", count: types * types)
    let repulsion = try reals("LENNARD_JONES_ACOEF", count: pairs).values
    let attraction = try reals("LENNARD_JONES_BCOEF", count: pairs).values
    let sixth = [Double](repeating: AmberUnits.length, count: 6).reduce(1, *)
    var table: [LennardJones] = []
    for entry in list.values.indices {
      if list.values[entry] <= 0 {
        guard (1...max(1, pointers[.hydrogenBondTypes])).contains(-list.values[entry]),
          pointers[.hydrogenBondTypes] > 0
        else {
          throw .unsupported(list.place(entry), feature: "a 10-12 hydrogen-bond potential")
        }
        table.append(LennardJones(repulsion: 0, attraction: 0))
        continue
      }
      let place = try index(list, entry, count: pairs)
      table.append(
        LennardJones(
          repulsion: repulsion[place] * AmberUnits.energy * sixth * sixth,
          attraction: attraction[place] * AmberUnits.energy * sixth))
    }
    for entry in table.indices where table[entry] != table[entry % types * types + entry / types] {
      throw .invalidValue(
        list.place(entry), entry: entry + 1, found: Double(list.values[entry]),
        expected: "the same interaction both ways round")
    }
    return table
  }

  /// `NUMBER_EXCLUDED_ATOMS` cuts `EXCLUDED_ATOMS_LIST` into one stretch per atom; 0 stands for
  /// none.
  private func exclusions() throws(PrmtopError) -> [SIMD2<Int32>] {
    let counts = try integers("NUMBER_EXCLUDED_ATOMS", count: atoms)
    let list = try integers("EXCLUDED_ATOMS_LIST", count: pointers[.excluded])
    var pairs: Set<SIMD2<Int32>> = []
    var start = 0
    for atom in 0..<atoms {
      let end = start + counts.values[atom]
      guard counts.values[atom] >= 0, end <= list.values.count else {
        throw .indexOutOfRange(
          counts.place(atom), entry: atom + 1, found: counts.values[atom],
          allowed: 0...list.values.count - start)
      }
      for entry in start..<end where list.values[entry] != 0 {
        let other = try index(list, entry, count: atoms)
        if other != atom { pairs.insert(SIMD2(Int32(min(atom, other)), Int32(max(atom, other)))) }
      }
      start = end
    }
    if start != list.values.count {
      throw .count(list.section, expected: start, found: list.values.count)
    }
    return pairs.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  }

  private func pairs14(
    _ dihedrals: [PrmtopDihedral], _ exclusions: [SIMD2<Int32>], _ notes: inout [String]
  ) throws(PrmtopError) -> [Pair14] {
    let coulomb = try scale("SCEE_SCALE_FACTOR", assumed: 1.2, of: "Coulomb", &notes)
    let lennardJones = try scale("SCNB_SCALE_FACTOR", assumed: 2, of: "Lennard-Jones", &notes)
    let excluded = Set(exclusions)
    var seen: Set<SIMD2<Int32>> = []
    var pairs: [Pair14] = []
    for dihedral in dihedrals where dihedral.hasPair14 {
      let (first, last) = (dihedral.atoms.x, dihedral.atoms.w)
      let ends = SIMD2(min(first, last), max(first, last))
      let numbers = [Int(ends.x) + 1, Int(ends.y) + 1]
      guard excluded.contains(ends) else {
        throw .pair14NotExcluded(dihedral.place, atoms: numbers)
      }
      guard seen.insert(ends).inserted else {
        throw .repeatedPair14(dihedral.place, atoms: numbers)
      }
      for factors in [coulomb, lennardJones] where factors.values[dihedral.type] <= 0 {
        throw .invalidValue(
          factors.place(dihedral.type), entry: dihedral.type + 1,
          found: factors.values[dihedral.type], expected: "a positive divisor")
      }
      pairs.append(
        Pair14(
          atoms: ends, lennardJonesScale: 1 / lennardJones.values[dihedral.type],
          coulombScale: 1 / coulomb.values[dihedral.type]))
    }
    return pairs
  }

  /// What the 1–4 energies are divided by, per type of dihedral; AMBER's own value where the file
  /// is silent.
  private func scale(
    _ flag: String, assumed: Double, of energy: String, _ notes: inout [String]
  ) throws(PrmtopError) -> PrmtopSection.Values<Double> {
    let types = pointers[.dihedralTypes]
    if file.sections[flag] != nil { return try reals(flag, count: types) }
    notes.append("%FLAG \(flag) is missing: 1–4 \(energy) energies are divided by \(assumed)")
    return PrmtopSection.Values(
      section: PrmtopError.Place(path: file.path, flag: flag, line: 0),
      values: [Double](repeating: assumed, count: types))
  }
}
