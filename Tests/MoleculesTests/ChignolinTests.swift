import Boltzmann
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// Chignolin, GYDPETGTWG: a proline, two aromatic residues, threonines with two stereocentres.
@Suite struct ChignolinTests {
  private let topology: Topology
  private let energy: Energy
  /// 64 golden conformations: 48 of molecular dynamics, 16 with added noise; nm, [frames, 138, 3].
  private let frames: [Double]

  init() throws {
    let golden = try GoldenSystem.named("CLN")
    (topology, energy) = (try golden.prmtop().topology, try golden.energy())
    frames = try golden.values("positions")
  }

  private var width: Int { 3 * topology.atoms }

  private func label(_ atom: Int) -> String {
    "\(topology.residueNames[topology.residueOfAtom[atom]]) \(topology.atomNames[atom])"
  }

  @Test(arguments: AtomOrder.allCases)
  func `real conformations come back up to rigid motion`(order: AtomOrder) throws {
    let representation = try InternalRepresentation(
      tree: BondTree(topology: topology, order: order), topology: topology, coordinates: frames,
      execution: Execution(workers: 2))
    let tokens: [Double] = representation.tokens(from: frames, execution: Execution(workers: 2))
    let back = representation.coordinates(from: tokens, execution: Execution(workers: 2))
    #expect(back.inSupport == [Bool](repeating: true, count: 64))
    for frame in stride(from: 0, to: 64, by: 9) {
      let range = frame * width..<(frame + 1) * width
      let (found, expected) = (
        shape(vectors(back.coordinates[range])), shape(vectors(frames[range]))
      )
      expectClose(found.distances, expected.distances, absolute: 1e-9, "\(frame) distances")
      expectClose(found.volumes, expected.volumes, absolute: 1e-9, "\(frame) volumes")
    }
  }

  @Test func `all stereocentres are L and all amides trans, that of proline too`() throws {
    let found = Stereochemistry(topology)
    #expect(
      found.centres.map { label($0.atom) } == [
        "TYR CA", "ASP CA", "PRO CA", "GLU CA", "THR CA", "THR CB", "THR CA", "THR CB", "TRP CA",
      ])
    #expect(found.amides.count == 9 && found.amides.count(where: { !$0.isSecondary }) == 1)
    let dynamics = Array(frames.prefix(48 * width))
    for frame in 0..<48 {
      let x = vectors(dynamics[frame * width..<(frame + 1) * width])
      #expect(found.notes(from: x, to: x, topology: topology).isEmpty)
    }
    let isomers = found.isomers(of: dynamics, atoms: topology.atoms, execution: .serial)
    #expect(isomers == [Int](repeating: -1, count: 48 * 9))
  }

  @Test(arguments: AtomOrder.allCases)
  func `rings close on an atom that is placed beside a sibling`(order: AtomOrder) throws {
    let tree = try BondTree(topology: topology, order: order)
    let neighbours = topology.neighbours
    var placed = Set(tree.order.prefix(3))
    var closing: [String] = []
    for (atom, reference) in zip(tree.order.dropFirst(3), tree.references) {
      if neighbours[atom].count(where: placed.contains) > 1 {
        closing.append(label(atom))
        #expect(neighbours[reference.parent].contains(reference.plane), "\(label(atom))")
      }
      placed.insert(atom)
    }
    // One atom for each ring, and two in the rings that share a bond.
    #expect(closing.sorted() == ["PRO CA", "TRP CD2", "TYR CD2"])
    let rotors = tree.references.filter { !neighbours[$0.parent].contains($0.plane) }
    #expect(Set(rotors.map(\.parent)).count == rotors.count)
  }

  /// The atoms whose torsions are free to turn: φ, ψ, the χ of side chains, hydroxyl and methyl
  /// groups; the pucker of proline's ring; nothing in an aromatic ring or about a peptide bond.
  @Test func `only rotors are wide`() throws {
    let tree = try BondTree(topology: topology, order: .topology)
    let fitted = try InternalRepresentation(
      tree: tree, topology: topology, coordinates: Array(frames.prefix(48 * width)),
      execution: Execution(workers: 2))
    let neighbours = topology.neighbours
    for (index, reference) in tree.references.enumerated() {
      let spread = fitted.standardDeviations[3 * (index + 1) + 2]
      let atom = tree.order[index + 3]
      let isImproper = neighbours[reference.parent].contains(reference.plane)
      let isPlanar = [reference.parent, reference.axis].allSatisfy { neighbours[$0].count == 3 }
      let isRing =
        ["TYR", "TRP"].contains(
          topology.residueNames[topology.residueOfAtom[reference.axis]])
        && ["TYR", "TRP"].contains(topology.residueNames[topology.residueOfAtom[atom]])
      let isPeptide = topology.atomNames[reference.parent] == "N"
      if isImproper || isPlanar && (isRing || isPeptide) {
        #expect(spread < 0.35, "\(label(atom)) \(spread)")
      }
    }
  }

  @Test func `the temperature along the bonds is that of the dynamics`() throws {
    let dynamics = Trajectory(
      atoms: topology.atoms, coordinates: Array(frames.prefix(24 * width)))
    let found = try #require(
      HypervirialTest(
        dynamics, topology: topology, energy: energy, execution: Execution(workers: 2)))
    #expect(found.rigidBonds == 0)
    let bonds = try #require(found.bonds)
    #expect(bonds.verdict(wanted: 310) != .contradicts, "\(bonds.kelvin) ± \(bonds.error)")
    #expect(bonds.verdict(wanted: 500) == .contradicts)
  }
}
