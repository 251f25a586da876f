/// The parameters of an additive force field for one molecule; no coordinates.
///
/// `U = Σ bonds + Σ angles + Σ torsions + Σ maps + Σ Lennard-Jones + Σ Coulomb`, to which
/// ``ImplicitSolvent`` adds the solvation. All arrays use the atom order of the ``Topology``.
package struct ForceField: Equatable, Sendable {
  package var bonds: [HarmonicBond]
  package var angles: [HarmonicAngle]
  /// Proper dihedrals, one entry per cosine.
  package var torsions: [Torsion]
  /// Improper dihedrals, one entry per cosine.
  package var impropers: [Torsion]
  /// The torsions that the maps correct (CMAP).
  package var correctedTorsions: [CorrectedTorsions]
  package var correctionMaps: [CorrectionMap]
  /// Charges, e, [atoms].
  package var charges: [Double]
  /// The Lennard-Jones type of each atom, [atoms].
  package var lennardJonesTypes: [Int]
  /// The interaction of each pair of types, [types, types], symmetric.
  package var lennardJonesTable: [LennardJones]
  /// Pairs that have no ordinary Lennard-Jones and Coulomb interaction; the 1–4 pairs are among
  /// them.
  package var exclusions: [SIMD2<Int32>]
  /// Pairs that interact with scaled parameters instead.
  package var pairs14: [Pair14]
  /// Intrinsic Born radii, nm, [atoms].
  package var radii: [Double]
  /// Factors by which an atom's radius shrinks where it screens another atom, [atoms].
  package var screens: [Double]
  /// Atomic numbers, [atoms], by which GBn and GBn2 choose constants; empty where nobody said them.
  package var elements: [Int]

  package init(
    bonds: [HarmonicBond] = [], angles: [HarmonicAngle] = [], torsions: [Torsion] = [],
    impropers: [Torsion] = [], correctedTorsions: [CorrectedTorsions] = [],
    correctionMaps: [CorrectionMap] = [], charges: [Double], lennardJonesTypes: [Int],
    lennardJonesTable: [LennardJones], exclusions: [SIMD2<Int32>] = [], pairs14: [Pair14] = [],
    radii: [Double], screens: [Double], elements: [Int] = []
  ) {
    self.bonds = bonds
    self.angles = angles
    self.torsions = torsions
    self.impropers = impropers
    self.correctedTorsions = correctedTorsions
    self.correctionMaps = correctionMaps
    self.charges = charges
    self.lennardJonesTypes = lennardJonesTypes
    self.lennardJonesTable = lennardJonesTable
    self.exclusions = exclusions
    self.pairs14 = pairs14
    self.radii = radii
    self.screens = screens
    self.elements = elements
  }

  /// The sum of the charges, e, to four decimals, and zero without a sign.
  package var netCharge: Double { (charges.reduce(0, +) * 1e4).rounded() / 1e4 + 0 }

  /// The number of atoms.
  package var atoms: Int { charges.count }

  /// The number of Lennard-Jones types.
  package var types: Int { Int(Double(lennardJonesTable.count).squareRoot().rounded()) }

  /// The Lennard-Jones interaction of two atoms, unscaled.
  func lennardJones(_ i: Int, _ j: Int) -> LennardJones {
    lennardJonesTable[lennardJonesTypes[i] * types + lennardJonesTypes[j]]
  }

  /// Traps when the arrays do not belong together, or name atoms that do not exist.
  func checkShapes() {
    let table = lennardJonesTable.count
    precondition(types * types == table, "a Lennard-Jones table of \(table) entries is not square")
    precondition(
      lennardJonesTypes.count == atoms && radii.count == atoms && screens.count == atoms,
      "\(lennardJonesTypes.count) types, \(radii.count) radii, \(screens.count) screens, "
        + "\(atoms) atoms"
    )
    precondition(
      lennardJonesTypes.allSatisfy { (0..<types).contains($0) }, "types outside 0..<\(types)")
    var named: [Int32] = []
    for bond in bonds { named += [bond.atoms.x, bond.atoms.y] }
    for angle in angles { named += [angle.atoms.x, angle.atoms.y, angle.atoms.z] }
    for torsion in torsions + impropers {
      named += [torsion.atoms.x, torsion.atoms.y, torsion.atoms.z, torsion.atoms.w]
    }
    for term in correctedTorsions {
      named += [term.atoms.x, term.atoms.y, term.atoms.z, term.atoms.w, term.last]
      precondition(
        correctionMaps.indices.contains(term.map), "map \(term.map) of \(correctionMaps.count)")
    }
    for pair in exclusions + pairs14.map(\.atoms) { named += [pair.x, pair.y] }
    for atom in named { precondition((0..<atoms).contains(Int(atom)), "atom \(atom) of \(atoms)") }
  }
}
