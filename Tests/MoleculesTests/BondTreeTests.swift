import Foundation
import Molecules
import TestSupport
import Testing

@Suite struct BondTreeTests {
  @Test(arguments: madeCases)
  func `every atom is placed once, from bonded atoms placed before it`(
    name: String, order: AtomOrder
  ) throws {
    let topology = try #require(madeMolecules[name])
    let neighbours = topology.neighbours
    let tree = try BondTree(topology: topology, order: order)
    #expect(tree.order.sorted() == Array(0..<topology.atoms))
    #expect(neighbours[tree.order[1]].contains(tree.order[0]))
    #expect(neighbours[tree.order[1]].contains(tree.order[2]))
    for (position, reference) in tree.references.enumerated() {
      let placed = tree.order[..<(position + 3)]
      let (parent, axis, plane) = (reference.parent, reference.axis, reference.plane)
      #expect(Set([parent, axis, plane]).count == 3)
      #expect(placed.contains(parent) && placed.contains(axis) && placed.contains(plane))
      #expect(neighbours[parent].contains(tree.order[position + 3]))
      #expect(neighbours[parent].contains(axis))
      #expect(neighbours[parent].contains(plane) || neighbours[axis].contains(plane))
      let others = neighbours[parent].filter { placed.contains($0) && $0 != axis }
      #expect(others.isEmpty || others.contains(plane), "an improper where one is possible")
    }
  }

  @Test(arguments: madeCases)
  func `each centre has at most one rotor`(name: String, order: AtomOrder) throws {
    let topology = try #require(madeMolecules[name])
    let neighbours = topology.neighbours
    let tree = try BondTree(topology: topology, order: order)
    let rotors = tree.references.filter { !neighbours[$0.parent].contains($0.plane) }
    #expect(Set(rotors.map(\.parent)).count == rotors.count)
  }

  @Test(arguments: ["AL2", "AL4"])
  func `the topology's order is kept as it is where it can be`(name: String) throws {
    let topology = madePeptide(name)
    #expect(
      try BondTree(topology: topology, order: .topology).order == Array(0..<topology.atoms))
  }

  @Test(arguments: ["AL3", "AL6"])
  func `a start that is no chain is turned into one`(name: String) throws {
    let topology = madePeptide(name)
    let order = try BondTree(topology: topology, order: .topology).order
    #expect(order == [1, 0] + Array(2..<topology.atoms), "H, N, H2")
  }

  @Test func `heavy atoms come first, each kind in the topology's order`() throws {
    let order = try BondTree(topology: madePeptide("AL3"), order: .heavyFirst).order
    let heavy = [0, 4, 6, 10, 11, 12, 14, 16, 20, 21, 22, 24, 26, 30, 31, 32]
    // CB, the third, hangs on CA like N.
    #expect(Array(order.prefix(16)) == heavy)
    #expect(Array(order.dropFirst(16)) == (0..<33).filter { !heavy.contains($0) })
  }

  @Test func `three atoms are too few`() {
    let water = madeTopology([("WAT", ["O", "H1", "H2"])], bonds: [(0, 1), (0, 2)])
    #expect(throws: RepresentationError.fewAtoms(found: 3)) {
      try BondTree(topology: water, order: .topology)
    }
  }

  @Test func `a second molecule is named`() {
    let pair = madeTopology(
      [("ETH", ["C1", "C2", "H1", "H2"]), ("WAT", ["O", "H1", "H2"])],
      bonds: [(0, 1), (0, 2), (0, 3), (4, 5), (4, 6)])
    let error = #expect(throws: RepresentationError.self) {
      try BondTree(topology: pair, order: .topology)
    }
    #expect(
      error
        == .disconnected(start: "ETH1 C2 (atom 1)", first: "WAT2 O (atom 4)", unreached: 3))
  }

  @Test func `a damaged tree is refused when it is read`() throws {
    let tree = try BondTree(topology: madeRing, order: .topology)
    let text = String(decoding: try JSONEncoder().encode(tree), as: UTF8.self)
    #expect(try JSONDecoder().decode(BondTree.self, from: Data(text.utf8)) == tree)
    let damaged = text.replacingOccurrences(of: "\"order\":[0,1", with: "\"order\":[1,1")
    #expect(damaged != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(BondTree.self, from: Data(damaged.utf8))
    }
  }
}
