import Foundation
import Molecules
import Testing

/// Files whose every field can be read, but which contradict themselves or ask for other physics.
struct InconsistentPrmtopTests {
  private typealias Place = PrmtopError.Place

  @Test func `sections that are longer or shorter than POINTERS says are found`() throws {
    var file = try EditedPrmtop()
    try file.setInteger("POINTERS", entry: 1, to: 23)
    file.expect(.count(try file.place("NUMBER_EXCLUDED_ATOMS"), expected: 23, found: 22))
    file = try EditedPrmtop()
    file.lines.remove(at: try file.index("CHARGE") + 3)
    file.expect(.count(try file.place("CHARGE"), expected: 22, found: 17))
    file = try EditedPrmtop()
    file.lines.insert("  1.00000000E+00", at: try file.section("RADII").upperBound)
    file.expect(.count(try file.place("RADII"), expected: 22, found: 23))
    file = try EditedPrmtop()
    let second = try file.index("POINTERS") + 3
    file.lines.removeSubrange(second..<second + 2)
    file.expect(.count(try file.place("POINTERS"), expected: 31, found: 11))
  }

  @Test(arguments: [
    ("BONDS_INC_HYDROGEN", 1, 66, 0...63), ("BONDS_INC_HYDROGEN", 2, -3, 0...63),
    ("BONDS_WITHOUT_HYDROGEN", 3, 9, 1...8), ("BONDS_WITHOUT_HYDROGEN", 3, 0, 1...8),
    ("ANGLES_INC_HYDROGEN", 3, 300, 0...63), ("ANGLES_WITHOUT_HYDROGEN", 4, 17, 1...16),
    ("DIHEDRALS_INC_HYDROGEN", 4, -66, 0...63), ("DIHEDRALS_INC_HYDROGEN", 1, -3, 0...63),
    ("DIHEDRALS_WITHOUT_HYDROGEN", 5, 20, 1...19), ("ATOM_TYPE_INDEX", 4, 8, 1...7),
    ("ATOM_TYPE_INDEX", 4, 0, 1...7), ("NONBONDED_PARM_INDEX", 4, 29, 1...28),
    ("EXCLUDED_ATOMS_LIST", 4, 23, 1...22), ("EXCLUDED_ATOMS_LIST", 4, -1, 1...22),
    ("NUMBER_EXCLUDED_ATOMS", 1, 100, 0...99), ("NUMBER_EXCLUDED_ATOMS", 1, -1, 0...99),
    ("RESIDUE_POINTER", 1, 2, 1...1), ("RESIDUE_POINTER", 2, 1, 2...22),
    ("RESIDUE_POINTER", 3, 23, 8...22), ("ATOMIC_NUMBER", 1, 119, -1...118),
    ("POINTERS", 3, -1, 0...100_000_000), ("POINTERS", 3, 99_999_999, 0...0),
  ])
  func `an index that points nowhere is found`(
    flag: String, entry: Int, value: Int, allowed: ClosedRange<Int>
  ) throws {
    var file = try EditedPrmtop()
    let place = try file.setInteger(flag, entry: entry, to: value)
    if allowed == 0...0 {
      // A count within bounds that the section does not have.
      file.expect(
        .count(try file.place("BONDS_INC_HYDROGEN"), expected: 3 * value, found: 36))
    } else {
      file.expect(.indexOutOfRange(place, entry: entry, found: value, allowed: allowed))
    }
  }

  @Test func `atoms are multiples of three and all different`() throws {
    var file = try EditedPrmtop()
    var place = try file.setInteger("BONDS_INC_HYDROGEN", entry: 2, to: 7)
    file.expect(.notMultipleOfThree(place, entry: 2, found: 7))
    place = try file.setInteger("BONDS_INC_HYDROGEN", entry: 2, to: 3)
    file.expect(.repeatedAtom(place, atoms: [2, 2]))
    file = try EditedPrmtop()
    place = try file.setInteger("ANGLES_INC_HYDROGEN", entry: 3, to: 12)
    file.expect(.repeatedAtom(place, atoms: [5, 7, 5]))
    file = try EditedPrmtop()
    place = try file.setInteger("DIHEDRALS_INC_HYDROGEN", entry: 4, to: 15)
    file.expect(.repeatedAtom(place, atoms: [6, 5, 7, 6]))
  }

  @Test func `1–4 pairs are unambiguous, unique and excluded`() throws {
    var file = try EditedPrmtop()
    // 15 12 18 21 becomes 15 12 18 0: is that a pair, or was the sign of −0 lost?
    var place = try file.setInteger("DIHEDRALS_INC_HYDROGEN", entry: 4, to: 0)
    file.expect(.ambiguousDihedral(place, atoms: [6, 5, 7, 1]))
    file = try EditedPrmtop()
    // The second term of the same dihedral.
    place = try file.setInteger("DIHEDRALS_INC_HYDROGEN", entry: 8, to: 18)
    file.expect(.repeatedPair14(place, atoms: [6, 8]))
    file = try EditedPrmtop()
    place = try file.setInteger("DIHEDRALS_INC_HYDROGEN", entry: 4, to: 63)
    file.expect(.pair14NotExcluded(place, atoms: [6, 22]))
  }

  @Test(arguments: [
    ("RADII", 1, "0.00000000E+00", 0.0, "a Born radius above 0.09 Å"),
    ("RADII", 22, "8.90000000E-02", 0.089, "a Born radius above 0.09 Å"),
    ("SCREEN", 2, "0.00000000E+00", 0, "a positive factor"),
    ("MASS", 3, "0.00000000E+00", 0, "a positive mass, u"),
    ("BOND_FORCE_CONSTANT", 1, "-1.00000000E+00", -1, "at least 0"),
    ("ANGLE_EQUIL_VALUE", 1, "1.20000000E+02", 120, "an angle from 0 to π, rad"),
    ("DIHEDRAL_PHASE", 2, "1.80000000E+02", 180, "a phase within ±2π, rad"),
    ("DIHEDRAL_PERIODICITY", 2, "1.50000000E+00", 1.5, "a whole number from -12 to 12"),
    ("SCEE_SCALE_FACTOR", 1, "0.00000000E+00", 0, "a positive divisor"),
  ])
  func `a value without meaning is found`(
    flag: String, entry: Int, text: String, value: Double, expected: String
  ) throws {
    var file = try EditedPrmtop()
    let place = try file.set(flag, entry: entry, to: text)
    file.expect(.invalidValue(place, entry: entry, found: value, expected: expected))
  }

  @Test func `an interaction that differs by direction is found`() throws {
    var file = try EditedPrmtop()
    try file.setInteger("NONBONDED_PARM_INDEX", entry: 2, to: 1)
    let place = try file.place("NONBONDED_PARM_INDEX", line: 2)
    file.expect(
      .invalidValue(
        place, entry: 2, found: 1, expected: "the same interaction both ways round"))
  }

  @Test(arguments: [
    ("CTITLE", "a CHARMM force field (chamber)"),
    ("CHARMM_UREY_BRADLEY_COUNT", "a CHARMM force field (chamber)"),
    ("LENNARD_JONES_CCOEF", "the 12-6-4 Lennard-Jones potential"),
    ("LENNARD_JONES_14_ACOEF", "a Lennard-Jones table of its own for 1–4 pairs"),
    ("POLARIZABILITY", "a polarizable force field"),
    ("AMOEBA_FORCEFIELD", "the AMOEBA force field"),
    ("LES_TYPE", "locally enhanced sampling"),
  ])
  func `a section of physics that is not there is refused by name`(
    flag: String, feature: String
  ) throws {
    var file = try EditedPrmtop()
    file.append(flag, "10I8", "       1")
    file.expect(.unsupported(try file.place(flag), feature: feature))
  }

  @Test(arguments: [
    (10, "locally enhanced sampling (NPARM) = 1"), (21, "perturbation (IFPERT) = 1"),
    (28, "a periodic box (IFBOX) = 1"), (30, "a solvent cap (IFCAP) = 1"),
    (31, "extra points (NUMEXTRA) = 1"),
  ])
  func `POINTERS to physics that is not there are refused by name`(
    entry: Int, feature: String
  ) throws {
    var file = try EditedPrmtop()
    let place = try file.setInteger("POINTERS", entry: entry, to: 1)
    file.expect(.unsupported(place, feature: feature))
  }

  @Test func `polarizable atoms and 10-12 potentials are refused by name`() throws {
    var file = try EditedPrmtop()
    var place = try file.setInteger("IPOL", entry: 1, to: 1)
    file.expect(.unsupported(place, feature: "IPOL = 1 (polarizable atoms)"))
    let feature = "a 10-12 hydrogen-bond potential"
    file = try EditedPrmtop()
    place = try file.setInteger("NONBONDED_PARM_INDEX", entry: 9, to: -1)
    file.expect(.unsupported(place, feature: feature))
    file = try EditedPrmtop()
    try file.setInteger("POINTERS", entry: 20, to: 1)
    file.expect(.count(try file.place("HBOND_ACOEF"), expected: 1, found: 0))
    for flag in ["HBOND_ACOEF", "HBOND_BCOEF"] {
      file.lines[try file.index(flag) + 2] = "  0.00000000E+00"
    }
    #expect(throws: Never.self) { try file.read() }
    place = try file.set("HBOND_BCOEF", entry: 1, to: "1.00000000E+00")
    file.expect(.unsupported(place, feature: feature))
  }

  @Test func `a 10-12 or 12-6-4 table of zeros adds nothing`() throws {
    var file = try EditedPrmtop()
    // Types 1 and 2, both ways round.
    try file.setInteger("NONBONDED_PARM_INDEX", entry: 2, to: -1)
    try file.setInteger("NONBONDED_PARM_INDEX", entry: 8, to: -1)
    try file.setInteger("POINTERS", entry: 20, to: 1)
    for flag in ["HBOND_ACOEF", "HBOND_BCOEF"] {
      file.lines[try file.index(flag) + 2] = "  0.00000000E+00"
    }
    let table = try file.read().forceField.lennardJonesTable
    #expect(table[1] == LennardJones(repulsion: 0, attraction: 0))
    #expect(table[0] != table[1])
    let place = try file.setInteger("NONBONDED_PARM_INDEX", entry: 2, to: -2)
    file.expect(.unsupported(place, feature: "a 10-12 hydrogen-bond potential"))

    let whole = try EditedPrmtop()
    file = whole
    file.append("LENNARD_JONES_CCOEF", "5E16.8", "  0.00000000E+00  0.00000000E+00")
    #expect(try file.read() == whole.read())
  }

  @Test func `a byte order mark and a title with a percent sign are harmless`() throws {
    var file = try EditedPrmtop()
    let whole = try file.read()
    #expect(try file.read(Data(("\u{FEFF}" + file.text).utf8)) == whole)
    file.lines[try file.index("TITLE") + 2] = "% of Ala"
    #expect(try file.read() == whole)
  }

  @Test func `in vacuum the Born radii may be zero or absent`() throws {
    var file = try EditedPrmtop()
    let place = try file.set("RADII", entry: 1, to: "0.0")
    file.expect(
      .invalidValue(place, entry: 1, found: 0, expected: "a Born radius above 0.09 Å"))
    let charges = try file.read(model: ImplicitSolvent.Model.none).forceField.charges
    for flag in ["RADII", "SCREEN", "RADIUS_SET"] { try file.remove(flag) }
    let vacuum = try file.read(model: ImplicitSolvent.Model.none)
    #expect(vacuum.forceField.charges == charges && vacuum.notes.isEmpty)
    #expect(vacuum.forceField.radii.allSatisfy { $0 == 0 })
  }
}
