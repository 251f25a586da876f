import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// The embedded systems, built from their sequences.
struct RebuiltSystemTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var system: String
    var sequence: String
    var forceField = AmberForceField.ff14SB
    var radii = RadiusSet.mbondi2
    var testDescription: String { system }
  }

  static let cases = [
    Case(
      system: "AL2", sequence: "Ace-A-Nme", forceField: .ff99SBILDN, radii: .amber99OBC),
    Case(system: "AL3", sequence: "AAA"),
    Case(
      system: "AL4", sequence: "Ace-AAA-Nme", forceField: .ff99SBILDN, radii: .amber99OBC),
    Case(system: "AL6", sequence: "AAAAAA"), Case(system: "CLN", sequence: "GYDPETGTWG"),
  ]

  @Test(arguments: cases)
  func `atoms and energies are those of the prmtop`(test: Case) throws {
    let golden = try GoldenSystem.named(test.system)
    let given = try golden.prmtop()
    let peptide = try Peptide(try PeptideSequence(test.sequence), forceField: test.forceField)
    #expect(peptide.topology == given.topology)
    let field = peptide.parameters(radii: test.radii)
    #expect(Set(field.exclusions) == Set(given.forceField.exclusions))
    #expect(Set(field.pairs14.map(\.atoms)) == Set(given.forceField.pairs14.map(\.atoms)))
    let positions = try golden.values("positions")
    let execution = Execution(workers: 2)
    let solvent = try golden.solvent()
    let built = Energy(field, solvent: solvent).terms(coordinates: positions, execution: execution)
    let expected = try golden.energy().terms(coordinates: positions, execution: execution)
    let terms: [(String, (EnergyTerms) -> Double)] = [
      ("bond", \.bond), ("angle", \.angle), ("proper", \.properTorsion),
      ("improper", \.improperTorsion), ("Lennard-Jones", \.distantLennardJones),
      ("Lennard-Jones 1–4", \.lennardJones14), ("Coulomb", \.distantCoulomb),
      ("Coulomb 1–4", \.coulomb14), ("polarization", \.polarization),
      ("surface area", \.surfaceArea),
    ]
    let noise = try golden.values("noise_sd")
    for (name, value) in terms {
      for frame in built.indices {
        let (found, wanted) = (value(built[frame]), value(expected[frame]))
        // Nine digits of A and B, where atoms overlap.
        let relative = name == "Lennard-Jones 1–4" && noise[frame] > 0 ? 1e-5 : 1e-6
        #expect(
          abs(found - wanted) <= max(1e-3, relative * abs(wanted)),
          "\(name) of frame \(frame): \(found), \(wanted)")
      }
    }
  }

  @Test(arguments: cases)
  func `the prmtop that is written says the same`(test: Case) throws {
    let peptide = try Peptide(try PeptideSequence(test.sequence), forceField: test.forceField)
    let field = peptide.parameters(radii: test.radii)
    let text = prmtopText(
      peptide.prmtop(radii: test.radii),
      atomTypes: peptide.atomTypes, title: test.sequence)
    let read = try reread(text)
    #expect(read.topology == peptide.topology)
    #expect(read.radiusSet == test.radii.title)
    try expectSame(read.forceField, field)
    // Types are numbered as they come, and what was read has them in the order of the file.
    let again = prmtopText(read, atomTypes: peptide.atomTypes, title: test.sequence)
    let twice = prmtopText(
      try reread(again), atomTypes: peptide.atomTypes, title: test.sequence)
    #expect(twice == again)
  }

  @Test(arguments: [
    ("Ace-A-Nme", "Ace-A-Nme"), ("Ace-GPC-Nme", "Ace-GPC-Nme"), ("KWE", "KWE"), ("MRD", "MRD"),
    ("SHY", "SER-HIP-TYR"),
  ])
  func `ff19SB has the terms and maps that ParmEd wrote`(name: String, text: String) throws {
    let given = try SolventCase.named(name)
    let prmtop = try readPrmtop(path: given.topology)
    let peptide = try Peptide(try PeptideSequence(text), forceField: .ff19SB)
    #expect(peptide.topology.bonds == prmtop.topology.bonds)
    let built = try reread(
      prmtopText(peptide.prmtop(radii: .mbondi3), atomTypes: peptide.atomTypes, title: text))
    #expect(
      Set(built.forceField.correctedTorsions.map(\.atoms))
        == Set(prmtop.forceField.correctedTorsions.map(\.atoms)))
    let positions = try given.positions()
    func terms(_ field: ForceField) -> [EnergyTerms] {
      Energy(field, solvent: .vacuum).terms(
        coordinates: positions, execution: Execution(workers: 2))
    }
    for (found, expected) in zip(terms(built.forceField), terms(prmtop.forceField)) {
      expectClose(
        [found.bond, found.angle, found.torsion, found.correctionMap, found.coulomb],
        [
          expected.bond, expected.angle, expected.torsion, expected.correctionMap, expected.coulomb,
        ],
        absolute: 1e-3, relative: 1e-6)
    }
  }

  private func reread(_ text: String) throws -> Prmtop {
    try withTemporaryFolder { folder in
      try text.write(toFile: "\(folder)/topology.prmtop", atomically: true, encoding: .utf8)
      return try readPrmtop(path: "\(folder)/topology.prmtop")
    }
  }
}

/// Expects the terms of two force fields to be the same, in any order, to the nine digits of a file.
func expectSame(_ found: ForceField, _ expected: ForceField) throws {
  func sorted(_ values: [([Int32], [Double])]) -> [([Int32], [Double])] {
    values.sorted {
      ($0.0 + [0]).lexicographicallyPrecedes($1.0 + [0]) || $0.0 == $1.0 && $0.1[0] < $1.1[0]
    }
  }
  func compare(_ a: [([Int32], [Double])], _ b: [([Int32], [Double])], _ name: Comment) throws {
    try #require(a.count == b.count, name)
    for (x, y) in zip(sorted(a), sorted(b)) {
      #expect(x.0 == y.0, name)
      expectClose(x.1, y.1, absolute: 1e-9, relative: 1e-8)
    }
  }
  func described(_ field: ForceField) -> [[([Int32], [Double])]] {
    func torsions(_ list: [Torsion]) -> [([Int32], [Double])] {
      list.map { torsion in
        let atoms = (0..<4).map { torsion.atoms[$0] }
        let direction = atoms[0] < atoms[3] ? atoms : atoms.reversed()
        return (direction, [Double(torsion.periodicity), torsion.phase, torsion.barrier])
      }
    }
    return [
      field.bonds.map { ([$0.atoms.x, $0.atoms.y], [$0.length, $0.stiffness]) },
      field.angles.map { ([$0.atoms.x, $0.atoms.y, $0.atoms.z], [$0.angle, $0.stiffness]) },
      torsions(field.torsions), torsions(field.impropers),
      field.pairs14.map {
        ([$0.atoms.x, $0.atoms.y], [$0.lennardJonesScale, $0.coulombScale])
      },
      field.exclusions.map { ([$0.x, $0.y], [0]) },
      (0..<field.atoms).map {
        ([Int32($0)], [field.charges[$0], field.radii[$0], field.screens[$0]])
      },
    ]
  }
  let names: [Comment] = [
    "bonds", "angles", "torsions", "impropers", "1–4 pairs", "exclusions", "atoms",
  ]
  for (index, name) in names.enumerated() {
    try compare(described(found)[index], described(expected)[index], name)
  }
  #expect(found.lennardJonesTypes == expected.lennardJonesTypes)
  expectClose(
    found.lennardJonesTable.map(\.repulsion), expected.lennardJonesTable.map(\.repulsion),
    relative: 1e-8)
  expectClose(
    found.lennardJonesTable.map(\.attraction), expected.lennardJonesTable.map(\.attraction),
    relative: 1e-8)
}
