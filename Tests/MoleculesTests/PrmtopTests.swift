import Foundation
import Molecules
import TestSupport
import Testing

/// What a prmtop says, and the variations that are to be accepted.
struct PrmtopTests {
  @Test func `the topology of AL2 is as written`() throws {
    let prmtop = try GoldenSystem.named("AL2").prmtop()
    let topology = prmtop.topology
    #expect(topology.atoms == 22)
    #expect(
      topology.atomNames.prefix(9) == ["HH31", "CH3", "HH32", "HH33", "C", "O", "N", "H", "CA"])
    #expect(topology.atomicNumbers.prefix(6) == [1, 6, 1, 1, 6, 8])
    #expect(topology.residueNames == ["ACE", "ALA", "NME"])
    #expect(topology.residueOfAtom.map(String.init).joined() == "0000001111111111222222")
    #expect(topology.bonds.count == 21)
    #expect(topology.bonds.first == SIMD2(0, 1))
    #expect(topology.neighbours[8] == [6, 9, 10, 14])
    expectClose(Array(topology.masses.prefix(2)), [1.008, 12.01], absolute: 1e-12)
    #expect(prmtop.radiusSet.hasPrefix("OpenMM amber99_obc.xml radii"))
    #expect(prmtop.notes.isEmpty)
  }

  @Test func `the force field of AL2 is in internal units`() throws {
    let forceField = try GoldenSystem.named("AL2").prmtop().forceField
    #expect(forceField.bonds.count == 21)
    #expect(forceField.angles.count == 36)
    #expect(forceField.torsions.count + forceField.impropers.count == 43 + 24)
    #expect(forceField.impropers.count == 4)
    // CH3–HH31: 340 kcal/mol/Å² and 1.09 Å.
    let bond = try #require(forceField.bonds.first)
    expectClose([bond.length, bond.stiffness], [0.109, 2 * 340 * 418.4], relative: 1e-9)
    // Ace is neutral, and its first hydrogen has 0.1123 e.
    expectClose([forceField.charges[0]], [0.1123], absolute: 1e-9)
    expectClose([forceField.charges.prefix(6).reduce(0, +)], [0], absolute: 1e-7)
    expectClose([forceField.radii[0], forceField.screens[0]], [0.125, 0.85], absolute: 1e-12)
    let scales = try #require(forceField.pairs14.first)
    expectClose(
      [scales.coulombScale, scales.lennardJonesScale], [0.833333, 0.5], absolute: 1e-9)
  }

  @Test func `mbondi2 needs no note`() throws {
    let prmtop = try GoldenSystem.named("AL3").prmtop()
    #expect(prmtop.radiusSet == "H(N)-modified Bondi radii (mbondi2)")
    #expect(prmtop.notes.isEmpty)
  }

  @Test(arguments: ["ArgH and AspGluO modified Bondi2 radii (mbondi3)", "Bondi radii (bondi)"])
  func `a radius set that does not fit is noted`(name: String) throws {
    var file = try EditedPrmtop()
    file.lines[try file.index("RADIUS_SET") + 2] = name
    let found = try file.read()
    #expect(found.radiusSet == name)
    #expect(found.notes.count == 1)
    #expect(found.notes.first?.contains("expect mbondi2") == true)
  }

  @Test(arguments: [
    (ImplicitSolvent.Model.hct, "mbondi"), (.obc1, "mbondi2"), (.obc2, "mbondi2"), (.gbn, "bondi"),
    (.gbn2, "mbondi3"),
  ])
  func `each solvent has its radius set, and another one is noted`(
    model: ImplicitSolvent.Model, set: String
  ) throws {
    var file = try EditedPrmtop()
    file.lines[try file.index("RADIUS_SET") + 2] = "some words (\(set))"
    #expect(try file.read(model: model).notes.isEmpty)
    let other = set == "mbondi2" ? "mbondi3" : "mbondi2"
    file.lines[try file.index("RADIUS_SET") + 2] = "some words (\(other))"
    let notes = try file.read(model: model).notes
    #expect(notes.count == 1)
    #expect(notes[0].hasPrefix("the radius set \(other) is meant for "))
    #expect(notes[0].hasSuffix("; \(model.rawValue) expects \(set) (ParmEd: changeRadii \(set))"))
  }

  @Test func `OpenMM's radii fit OBC2 alone`() throws {
    var file = try EditedPrmtop()
    file.lines[try file.index("RADIUS_SET") + 2] = RadiusSet.amber99OBC.title
    #expect(try file.read(model: .obc2).notes.isEmpty)
    let notes = try file.read(model: .obc1).notes
    #expect(notes.count == 1)
    #expect(notes[0].hasPrefix("the radius set amber99_obc is meant for OpenMM's OBC2; obc1 "))
  }

  @Test(arguments: [ImplicitSolvent.Model.gbn, .gbn2])
  func `radii without a neck are refused`(model: ImplicitSolvent.Model) throws {
    var file = try EditedPrmtop()
    #expect(try file.read(model: model).forceField.radii.count == 22)
    for (text, radius) in [("8.00000000E-01", 0.8), ("2.10000000E+00", 2.1)] {
      let place = try file.set("RADII", entry: 7, to: text)
      #expect(
        throws: PrmtopError.invalidValue(
          place, entry: 7, found: radius,
          expected: "a Born radius from 1 to 2 Å, for which necks are known")
      ) { try file.read(model: model) }
      #expect(try file.read(model: .obc2).forceField.radii[6] == radius * 0.1)
    }
  }

  @Test func `gbn2 of a nucleic acid is refused`() throws {
    var file = try EditedPrmtop()
    let line = try file.index("RESIDUE_LABEL") + 2
    file.lines[line] = file.lines[line].replacing("NME", with: "DG3")
    #expect(try file.read(model: .gbn).topology.residueNames.last == "DG3")
    let place = try file.place("RESIDUE_LABEL", line: 2)
    #expect(
      throws: PrmtopError.unsupported(place, feature: "gbn2 of a nucleic acid (residue DG3)")
    ) { try file.read(model: .gbn2) }
  }

  @Test func `missing scale factors are those of AMBER and are noted`() throws {
    var file = try EditedPrmtop()
    let full = try file.read().forceField
    try file.remove("SCEE_SCALE_FACTOR")
    try file.remove("SCNB_SCALE_FACTOR")
    let found = try file.read()
    #expect(found.notes.contains { $0.contains("SCEE_SCALE_FACTOR") && $0.contains("1.2") })
    #expect(found.notes.contains { $0.contains("SCNB_SCALE_FACTOR") && $0.contains("2.0") })
    #expect(found.forceField.pairs14.count == full.pairs14.count)
    #expect(found.forceField.pairs14.allSatisfy { $0.coulombScale == 1 / 1.2 })
    #expect(found.forceField.pairs14.allSatisfy { $0.lennardJonesScale == 0.5 })
  }

  @Test func `missing atomic numbers are guessed from the masses`() throws {
    var file = try EditedPrmtop()
    let full = try file.read().topology
    try file.remove("ATOMIC_NUMBER")
    #expect(try file.read().topology == full)
  }

  @Test func `line ends, comments, titles and blank lines do not matter`() throws {
    var file = try EditedPrmtop()
    let full = try file.read()
    let windows = Data(file.lines.joined(separator: "\r\n").utf8)
    #expect(try file.read(windows) == full)
    file.lines[try file.index("TITLE") + 2] = ""
    file.lines.insert("%COMMENT  charges by hand", at: try file.index("CHARGE") + 1)
    file.lines.insert("%COMMENT  between lines", at: try file.index("MASS") + 3)
    file.lines.insert("%COMMENT  at the very start", at: 0)
    file.lines += ["", "   ", ""]
    #expect(try file.read() == full)
  }

  @Test func `fields are told apart by their widths`() throws {
    var file = try EditedPrmtop()
    let full = try file.read().forceField
    let section = try file.section("RADII")
    // Without any blank: 1.25000000E+00 has fourteen columns.
    let values = file.lines[section].dropFirst(2).joined().split(separator: " ")
    file.lines.replaceSubrange(
      section,
      with: ["%FLAG RADII", "%FORMAT(8e14.8)"]
        + stride(from: 0, to: values.count, by: 8).map {
          values[$0..<min($0 + 8, values.count)].joined()
        })
    #expect(try file.read().forceField == full)
    try file.set("CHARGE", entry: 1, to: "2.04636429D+00")
    try file.set("CHARGE", entry: 2, to: "-6.67300626")
    #expect(try file.read().forceField == full)
    try file.set("CHARGE", entry: 1, to: "2.04636429-100")
    #expect(try file.read().forceField.charges[0] == 2.04636429e-100 / 18.2223)
  }

  @Test func `a hydrogen without Lennard-Jones parameters is silent`() throws {
    var file = try EditedPrmtop()
    for flag in ["LENNARD_JONES_ACOEF", "LENNARD_JONES_BCOEF"] {
      for entry in 1...28 { try file.set(flag, entry: entry, to: "0.00000000E+00") }
    }
    let energy = Energy(try file.read().forceField, solvent: .vacuum)
    let terms = energy.terms(try GoldenSystem.named("AL2").positions(frame: 0))
    #expect(terms.lennardJones == 0)
    #expect(terms.total.isFinite)
  }

  @Test func `a table that breaks the combination rules is used as it stands`() throws {
    var file = try EditedPrmtop()
    // Types 1 and 2: the second entry of the triangle.
    try file.set("LENNARD_JONES_ACOEF", entry: 2, to: "1.00000000E+00")
    let forceField = try file.read().forceField
    expectClose(
      [forceField.lennardJonesTable[1].repulsion, forceField.lennardJonesTable[7].repulsion],
      [4.184e-12, 4.184e-12], relative: 1e-12)
  }

  @Test func `a section that nobody knows is noted`() throws {
    var file = try EditedPrmtop()
    file.append("MY_NOTES", "20a4", "nothing")
    #expect(try file.read().notes.contains("%FLAG MY_NOTES is not known and was not used"))
  }

  @Test func `a negative third atom means no 1–4 pair`() throws {
    var file = try EditedPrmtop()
    let full = try file.read().forceField
    // The first dihedral, 15 12 18 21, gives a pair.
    try file.setInteger("DIHEDRALS_INC_HYDROGEN", entry: 3, to: -18)
    let found = try file.read().forceField
    #expect(found.pairs14.count == full.pairs14.count - 1)
    #expect(found.torsions == full.torsions)
  }
}
