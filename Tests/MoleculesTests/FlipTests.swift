import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// Rings and carboxylates that flip: which there are, and what a flip changes.
@Suite struct FlipTests {
  /// A molecule, and conformations of it that are far from flat.
  private struct Distorted {
    let topology: Topology
    let field: ForceField
    let energy: Energy
    let frames: [[SIMD3<Double>]]

    init(_ sequence: String, _ forceField: AmberForceField = .ff14SB) throws {
      let peptide = try Peptide(PeptideSequence(sequence), forceField: forceField)
      topology = peptide.topology
      field = peptide.parameters(radii: .mbondi3)
      energy = Energy(field, solvent: ImplicitSolvent(model: .gbn2))
      let start = try peptide.startStructure(field: field, energy: energy)
      var generator = RandomGenerator(seed: 3, stream: .testing)
      frames = (0..<8).map { _ in
        start.map { x in
          x + 0.01 * SIMD3(generator.normal(), generator.normal(), generator.normal())
        }
      }
    }

    func total(_ x: [SIMD3<Double>]) -> Double { energy.terms(x).total }

    /// The sign of the volume of every centre with four neighbours.
    func signs(_ x: [SIMD3<Double>]) -> [Bool] {
      topology.neighbours.enumerated().filter { $0.element.count == 4 }.map { centre, around in
        let (a, b, c) = (
          x[around[0]] - x[centre], x[around[1]] - x[centre], x[around[2]] - x[centre]
        )
        let normal = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        return (normal * c).sum() > 0
      }
    }

    func names(_ pairs: [SIMD2<Int32>]) -> String {
      pairs.map { "\(topology.atomNames[Int($0.x)])/\(topology.atomNames[Int($0.y)])" }
        .joined(separator: " ")
    }
  }

  /// The residues between caps: threefold groups besides those of the caps, what flips, and how
  /// many planar groups are held by a barrier.
  static let residues: [(name: String, turns: Int, flips: [String], held: Int)] = [
    ("ALA", 1, [], 0), ("ARG", 0, [], 3), ("ASN", 0, [], 1),
    ("ASP", 0, ["OD1/OD2"], 0), ("CYS", 0, [], 0), ("GLN", 0, [], 1),
    ("GLU", 0, ["OE1/OE2"], 0), ("GLY", 0, [], 0), ("HIE", 0, [], 0), ("HIP", 0, [], 0),
    ("ILE", 2, [], 0), ("LEU", 2, [], 0), ("LYS", 1, [], 0), ("MET", 1, [], 0),
    ("PHE", 0, ["CD1/CD2 HD1/HD2 CE1/CE2 HE1/HE2"], 0), ("PRO", 0, [], 0), ("SER", 0, [], 0),
    ("THR", 1, [], 0), ("TRP", 0, [], 0), ("TYR", 0, ["CD1/CD2 HD1/HD2 CE1/CE2 HE1/HE2"], 0),
    ("VAL", 2, [], 0),
  ]

  @Test(arguments: residues, [AmberForceField.ff14SB, .ff19SB, .ff99SBILDN])
  func `every residue has the groups that chemistry gives it`(
    residue: (name: String, turns: Int, flips: [String], held: Int), forceField: AmberForceField
  ) throws {
    let peptide = try Peptide(PeptideSequence("Ace-\(residue.name)-Nme"), forceField: forceField)
    let field = peptide.parameters(radii: .mbondi3)
    let turns = EquivalentAtoms(topology: peptide.topology, forceField: field)
    #expect(turns.groups.map(\.count) == [Int](repeating: 3, count: residue.turns + 2))
    let flips = Flip.all(topology: peptide.topology, forceField: field)
    let names = flips.map { flip in
      flip.pairs.map { pair in
        [pair.x, pair.y].map { peptide.topology.atomNames[Int($0)] }.joined(separator: "/")
      }.joined(separator: " ")
    }
    #expect(names == residue.flips)
    // The bound is far from both.
    let candidates = Flip.candidates(topology: peptide.topology, forceField: field)
    #expect(flips.allSatisfy { $0.barrier < 30 })
    #expect(candidates.filter { $0.barrier > 60 }.count == residue.held)
    #expect(candidates.count == residue.held + residue.flips.count)
  }

  @Test(arguments: ["Ace-FYD-Nme", "EV", "KLR", "ITN", "Ace-WMQ-NH2"])
  func `turns leave the energy, flips change impropers alone, and neither the handedness`(
    sequence: String
  ) throws {
    let molecule = try Distorted(sequence)
    let turns = EquivalentAtoms(topology: molecule.topology, forceField: molecule.field)
    let flips = Flip.candidates(topology: molecule.topology, forceField: molecule.field)
    for frame in molecule.frames {
      let (before, signs) = (molecule.total(frame), molecule.signs(frame))
      for place in turns.groups.indices {
        var (turned, group) = (frame, 0)
        turns.relabel(&turned) { _ in
          group += 1
          return group == place + 1 ? 1 : 0
        }
        #expect(turned != frame && molecule.signs(turned) == signs)
        expectClose([molecule.total(turned)], [before], absolute: 1e-8, "turn \(place)")
      }
      for flip in flips {
        var exchanged = frame
        flip.exchange(&exchanged)
        #expect(exchanged != frame && molecule.signs(exchanged) == signs)
        let change = flip.energyChange(frame)
        expectClose(
          [molecule.total(exchanged) - before], [change], absolute: 1e-8,
          molecule.names(flip.pairs))
        // Far from flat the order of an improper's atoms shows.
        #expect(abs(change) > 1e-6, "\(molecule.names(flip.pairs))")
      }
    }
  }

  @Test func `a chain's end flips, and amides do not`() throws {
    let molecule = try Distorted("NR")
    let flips = Flip.all(topology: molecule.topology, forceField: molecule.field)
    #expect(flips.map { molecule.names($0.pairs) } == ["O/OXT"])
    let all = Flip.candidates(topology: molecule.topology, forceField: molecule.field)
    #expect(
      all.map { molecule.names($0.pairs) } == [
        "HD21/HD22", "NH1/NH2 HH11/HH21 HH12/HH22", "HH11/HH12", "HH21/HH22", "O/OXT",
      ])
  }

  /// Val's and Leu's methyls: exchanged labels have the other handedness at the carbon between.
  @Test func `two methyls on a carbon are not exchanged`() throws {
    let molecule = try Distorted("Ace-VL-Nme")
    #expect(Flip.candidates(topology: molecule.topology, forceField: molecule.field).isEmpty)
    func atom(_ name: String, _ residue: Int) throws -> Int {
      try #require(
        molecule.topology.atomNames.indices.first {
          molecule.topology.atomNames[$0] == name && molecule.topology.residueOfAtom[$0] == residue
        })
    }
    for (residue, names) in [
      (1, ["CG1", "HG11", "HG12", "HG13", "CG2", "HG21", "HG22", "HG23"]),
      (2, ["CD1", "HD11", "HD12", "HD13", "CD2", "HD21", "HD22", "HD23"]),
    ] {
      var x = molecule.frames[0]
      for place in 0..<4 {
        x.swapAt(try atom(names[place], residue), try atom(names[place + 4], residue))
      }
      expectClose(
        [molecule.total(x)], [molecule.total(molecule.frames[0])], absolute: 1e-8, "methyls")
      #expect(molecule.signs(x) != molecule.signs(molecule.frames[0]))
    }
  }

  @Test func `each label of a group is as likely as the others`() throws {
    let molecule = try Distorted("Ace-A-Nme")
    let turns = EquivalentAtoms(topology: molecule.topology, forceField: molecule.field)
    #expect(turns.groups.map(\.count) == [3, 3, 3])
    var seen: [[SIMD3<Double>]: Int] = [:]
    for draw in 0..<27 {
      // Every outcome of three uniform choices once.
      var (x, rest) = (molecule.frames[0], draw)
      turns.relabel(&x) { count in
        defer { rest /= count }
        return rest % count
      }
      seen[x, default: 0] += 1
    }
    #expect(seen.count == 27 && seen.values.allSatisfy { $0 == 1 })
  }

  @Test func `a label is drawn with its Boltzmann weight`() throws {
    let molecule = try Distorted("Ace-D-Nme")
    let flip = try #require(
      Flip.all(topology: molecule.topology, forceField: molecule.field).first)
    let (original, thermalEnergy, draws) = (molecule.frames[0], 2.5, 10_000)
    var exchanged = original
    flip.exchange(&exchanged)
    /// How often the exchanged label comes of a label.
    func share(from start: [SIMD3<Double>]) -> Double {
      let count = (0..<draws).count { draw in
        var x = start
        flip.resample(
          &x, thermalEnergy: thermalEnergy, uniform: (Double(draw) + 0.5) / Double(draws))
        return x == exchanged
      }
      return Double(count) / Double(draws)
    }
    let weights = [original, exchanged].map { exp(-molecule.total($0) / thermalEnergy) }
    let scale = exp(molecule.total(original) / thermalEnergy)
    #expect(scale.isFinite)
    let expected = weights[1] / (weights[0] + weights[1])
    expectClose(
      [share(from: original), share(from: exchanged)], [expected, expected], absolute: 2e-4,
      "shares")
    #expect(abs(expected - 0.5) > 1e-3)
  }
}
