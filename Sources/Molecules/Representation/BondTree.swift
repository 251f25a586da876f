/// Which atoms come first when a molecule is built up atom by atom.
package enum AtomOrder: String, Codable, CaseIterable, Sendable {
  /// The topology's own order, as far as every atom can be bonded to one placed before it.
  case topology
  /// All heavy atoms in the topology's order, then the hydrogens.
  case heavyFirst
}

/// The order in which a molecule's atoms are placed, and from what each of them is placed.
///
/// The first three atoms are a bonded chain. Each later atom has a distance to `parent`, an angle
/// at `parent` to `axis`, and a torsion about `parent`–`axis` against `plane`. Where a second
/// placed neighbour of `parent` exists, that is `plane` (an improper torsion), so that of several
/// atoms on one centre only the first is a rotor and the others keep its chirality.
package struct BondTree: Codable, Equatable, Sendable {
  /// The three atoms, all placed before, that an atom is placed from.
  package struct Reference: Codable, Equatable, Sendable {
    /// The bonded atom that the distance is measured to.
    package let parent: Int
    /// The neighbour of `parent` that the angle is measured against.
    package let axis: Int
    /// The neighbour of `parent` (improper) or of `axis` that the torsion is measured against.
    package let plane: Int
  }

  /// The atoms in the order of placement, [atoms].
  package let order: [Int]
  /// The references of `order[3...]`, [atoms − 3].
  package let references: [Reference]

  /// The number of atoms.
  package var atoms: Int { order.count }

  /// Builds the tree from the bonds alone.
  ///
  /// Among the atoms bonded to a placed one, the first in `atomOrder` comes next. Its parent is the
  /// neighbour that was placed first.
  ///
  /// - Throws: `RepresentationError.fewAtoms`, `.disconnected`.
  package init(topology: Topology, order atomOrder: AtomOrder) throws(RepresentationError) {
    guard topology.atoms >= 4 else { throw .fewAtoms(found: topology.atoms) }
    let neighbours = topology.neighbours
    let order = Self.order(topology: topology, neighbours: neighbours, atomOrder)
    guard order.count == topology.atoms else {
      let reached = Set(order)
      let missing = (0..<topology.atoms).filter { !reached.contains($0) }
      throw .disconnected(
        start: topology.label(order[0]), first: topology.label(missing[0]),
        unreached: missing.count)
    }
    self.order = order
    references = Self.references(order: order, neighbours: neighbours)
  }

  /// The connected component of the first atom, its first three atoms turned into a chain.
  private static func order(
    topology: Topology, neighbours: [[Int]], _ atomOrder: AtomOrder
  ) -> [Int] {
    func comesBefore(_ a: Int, _ b: Int) -> Bool {
      guard atomOrder == .heavyFirst else { return a < b }
      let (lateA, lateB) = (topology.atomicNumbers[a] == 1, topology.atomicNumbers[b] == 1)
      return lateA == lateB ? a < b : lateB
    }
    var order: [Int] = []
    var placed = [Bool](repeating: false, count: topology.atoms)
    var border = Set((0..<topology.atoms).min(by: comesBefore).map { [$0] } ?? [])
    while let next = border.min(by: comesBefore) {
      border.remove(next)
      placed[next] = true
      order.append(next)
      border.formUnion(neighbours[next].filter { !placed[$0] })
    }
    if order.count >= 3, !neighbours[order[1]].contains(order[2]) { order.swapAt(0, 1) }
    return order
  }

  private static func references(order: [Int], neighbours: [[Int]]) -> [Reference] {
    var rank = [Int](repeating: 0, count: order.count)
    for (position, atom) in order.enumerated() { rank[atom] = position }
    /// The neighbours of `atom` placed before `position`, first placed first.
    func placedNeighbours(of atom: Int, before position: Int) -> [Int] {
      neighbours[atom].filter { rank[$0] < position }.sorted { rank[$0] < rank[$1] }
    }
    return order.indices.dropFirst(3).map { position in
      let parent = placedNeighbours(of: order[position], before: position)[0]
      // The neighbour placed first is the parent's own parent; for the root it is the second atom.
      let around = placedNeighbours(of: parent, before: position)
      let axis = around[0]
      let plane =
        around.dropFirst().first
        ?? placedNeighbours(of: axis, before: position).first { $0 != parent }
      guard let plane else {
        preconditionFailure("\(axis) starts no chain of three: \(order.prefix(3))")
      }
      return Reference(parent: parent, axis: axis, plane: plane)
    }
  }
}

extension BondTree {
  private enum CodingKeys: CodingKey { case order, references }

  /// Reads a tree and checks that every atom is placed once, from atoms placed before it.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    order = try container.decode([Int].self, forKey: .order)
    references = try container.decode([Reference].self, forKey: .references)
    var placed = Set(order.prefix(3))
    var isTree = order.count >= 4 && order.count == references.count + 3 && placed.count == 3
    for (atom, reference) in zip(order.dropFirst(3), references) {
      let from: Set = [reference.parent, reference.axis, reference.plane]
      isTree = isTree && from.count == 3 && from.isSubset(of: placed)
      placed.insert(atom)
    }
    guard isTree && placed == Set(0..<order.count) else {
      throw DecodingError.dataCorruptedError(
        forKey: .references, in: container,
        debugDescription: "the \(order.count) atoms cannot be placed in this order")
    }
  }
}
