import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// Start structures: the right molecule, the right isomers, no strain.
struct StartStructureTests {
  static let capped = [
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIE", "ILE", "LEU", "LYS", "MET",
    "PHE", "PRO", "SER", "THR", "TRP", "TYR", "VAL", "HID", "HIP", "ASH", "GLH", "LYN", "CYM",
    "HYP", "DALA", "DILE", "DTHR", "DPRO", "DTRP",
  ]

  @Test(arguments: capped)
  func `capped residues have their isomers and no strain`(name: String) throws {
    let built = try Built("Ace-\(name)-Nme")
    try built.check()
    #expect(built.lowestDistance > 0.17)
  }

  @Test(arguments: ["PAPA", "GYDPETGTWG", "aEk", "Ace-WWRH-NH2"])
  func `longer chains are extended and free of clashes`(text: String) throws {
    let built = try Built(text)
    try built.check()
    #expect(built.lowestDistance > 0.15)
  }

  @Test func `a seed gives another structure, the same one each time`() throws {
    let first = try Built("Ace-KVF-Nme", seed: 1)
    try first.check()
    #expect(try Built("Ace-KVF-Nme", seed: 1).positions == first.positions)
    #expect(try Built("Ace-KVF-Nme", seed: 2).positions != first.positions)
  }

  @Test func `a bond before a proline is cis where the sequence says so`() throws {
    var sequence = try PeptideSequence("Ace-AP-Nme")
    try sequence.makeCis(2)
    let built = try Built(sequence)
    try built.check()
    #expect(built.stereochemistry.isomers(built.positions) == [-1, 1, -1])
  }

  @Test func `a disulfide is closed`() throws {
    var sequence = try PeptideSequence("Ace-CYX-GLY-GLY-CYX-Nme")
    try sequence.closeDisulfides()
    let built = try Built(sequence)
    try built.check()
  }

  /// HB2 and HB3 and their like have the places that nomenclature gives them: those of tleap.
  @Test func `prochiral atoms are numbered as in chignolin's structure`() throws {
    let given = try GoldenSystem.named("CLN")
    let built = try Built("GYDPETGTWG")
    let reference = try given.positions(frame: 0)
    let neighbours = built.peptide.topology.neighbours
    for (centre, around) in neighbours.enumerated() where around.count == 4 {
      // Hydrogens of a methyl or ammonium group turn freely, but keep their order.
      let signs = [built.positions, reference].map { x in
        let (a, b, c) = (x[around[0]], x[around[1]], x[around[2]])
        let origin = x[centre]
        return (cross(a - origin, b - origin) * (c - origin)).sum() > 0
      }
      let isRotor = around.filter { built.peptide.topology.atomicNumbers[$0] == 1 }.count == 3
      if !isRotor { #expect(signs[0] == signs[1], "\(built.peptide.topology.atomNames[centre])") }
    }
  }
}

/// A peptide with a start structure.
struct Built {
  let peptide: Peptide
  let field: ForceField
  let positions: [SIMD3<Double>]
  let stereochemistry: Stereochemistry

  init(_ text: String, seed: UInt64 = 0) throws { try self.init(PeptideSequence(text), seed: seed) }

  init(_ sequence: PeptideSequence, seed: UInt64 = 0) throws {
    peptide = try Peptide(sequence, forceField: .ff14SB)
    field = peptide.parameters(radii: .mbondi2)
    positions = try peptide.startStructure(
      field: field, energy: Energy(field, solvent: ImplicitSolvent(model: .obc1)), seed: seed)
    stereochemistry = Stereochemistry(peptide.topology)
  }

  /// The shortest distance of atoms more than three bonds apart, nm.
  var lowestDistance: Double {
    let near = Set(field.exclusions)
    var lowest = Double.infinity
    for j in positions.indices {
      for i in 0..<j where !near.contains(SIMD2(Int32(i), Int32(j))) {
        let apart = positions[i] - positions[j]
        lowest = min(lowest, (apart * apart).sum().squareRoot())
      }
    }
    return lowest
  }

  /// Expects the bonds, the handedness of every residue and the isomers of its amides.
  func check() throws {
    let topology = peptide.topology
    for bond in field.bonds {
      let apart = positions[Int(bond.atoms.x)] - positions[Int(bond.atoms.y)]
      let ratio = (apart * apart).sum().squareRoot() / bond.length
      #expect(abs(ratio - 1) < 0.1, "\(topology.atomNames[Int(bond.atoms.x)])")
    }
    let signs = stereochemistry.handedness(positions)
    for (centre, sign) in zip(stereochemistry.centres, signs) {
      let residue = peptide.sequence.residues[topology.residueOfAtom[centre.atom]]
      let name = topology.atomNames[centre.atom]
      // Cβ of isoleucine (S) and threonine (R), Cγ of hydroxyproline (R); the neighbours are
      // ranked by element alone, N before C before H and O before N.
      let natural: Int? =
        switch (residue.name, name) {
        case (_, "CA"): Self.sign(centre, topology, ["N", "C", "CB"])
        case ("THR", "CB"): Self.sign(centre, topology, ["OG1", "CA", "CG2"]) * -1
        case ("ILE", "CB"): Self.sign(centre, topology, ["CA", "CG1", "CG2"])
        case ("HYP", "CG"): Self.sign(centre, topology, ["OD1", "CD", "CB"]) * -1
        default: nil
        }
      #expect(natural != nil, "\(residue.name) \(name)")
      if let natural {
        #expect(sign == (residue.isD ? -natural : natural), "\(residue.name) \(name)")
      }
    }
    let isomers = stereochemistry.isomers(positions)
    let wanted = stereochemistry.amides.map { amide in
      peptide.sequence.residues[topology.residueOfAtom[Int(amide.atoms.z)]].hasCisBond ? 1 : -1
    }
    #expect(isomers == wanted)
  }

  /// +1 if the first three neighbours of a centre are an even permutation of these atoms.
  private static func sign(
    _ centre: Stereochemistry.Centre, _ topology: Topology, _ names: [String]
  ) -> Int {
    let places = centre.neighbours.prefix(3).compactMap { atom in
      names.firstIndex(of: topology.atomNames[atom])
    }
    let inversions = (0..<places.count).reduce(0) { count, i in
      count + places[(i + 1)...].filter { $0 < places[i] }.count
    }
    return inversions % 2 == 0 ? 1 : -1
  }
}
