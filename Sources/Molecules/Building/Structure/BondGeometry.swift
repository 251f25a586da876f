/// The bonds, rings and ideal angles of a peptide, from which its atoms are placed.
///
/// Disulfide bridges are no bonds here: they are closed by turning the chain.
struct BondGeometry {
  let topology: Topology
  /// The natural forms of the residues, [residues].
  let naturalNames: [String]
  /// The atoms bonded to each atom, ascending, [atoms].
  let neighbours: [[Int]]
  /// The rings of each atom, as sets of atoms, [atoms].
  private let rings: [[Set<Int>]]
  private let lengths: [SIMD2<Int>: Double]
  private let angles: [SIMD3<Int>: Double]
  /// Amber's types, which tell an amide's nitrogen from an ammonium's.
  private let types: [String]

  init(_ peptide: Peptide, _ field: ForceField) {
    topology = peptide.topology
    naturalNames = peptide.sequence.residues.map(\.name)
    types = peptide.atomTypes
    let bridged = Set(
      peptide.sequence.disulfides.flatMap { [$0.x, $0.y] }.compactMap { peptide.atom($0, "SG") })
    let neighbours = topology.neighbours.enumerated().map { atom, list in
      bridged.contains(atom) ? list.filter { !bridged.contains($0) } : list
    }
    self.neighbours = neighbours
    rings = neighbours.indices.map { findRings(of: $0, neighbours) }
    var lengths: [SIMD2<Int>: Double] = [:]
    for bond in field.bonds {
      let (i, j) = (Int(bond.atoms.x), Int(bond.atoms.y))
      lengths[SIMD2(min(i, j), max(i, j))] = bond.length
    }
    self.lengths = lengths
    var angles: [SIMD3<Int>: Double] = [:]
    for angle in field.angles {
      let (i, j, k) = (Int(angle.atoms.x), Int(angle.atoms.y), Int(angle.atoms.z))
      angles[SIMD3(min(i, k), j, max(i, k))] = angle.angle
    }
    self.angles = angles
  }

  func length(_ i: Int, _ j: Int) -> Double { lengths[SIMD2(min(i, j), max(i, j))] ?? 0.15 }

  /// The ideal angle at `vertex`, rad.
  ///
  /// Within a ring it is that of the regular polygon, less in one that puckers, and the atoms
  /// outside share what is left: a force field's angles do not close rings of five.
  func angle(_ i: Int, _ vertex: Int, _ k: Int) -> Double {
    let own = rings[vertex]
    if let ring = own.first(where: { $0.contains(i) && $0.contains(k) }) {
      return interiorAngle(ring, vertex)
    }
    if isPlanar(vertex), !own.isEmpty, neighbours[vertex].count == 3 {
      if own.count == 1 { return .pi - interiorAngle(own[0], vertex) / 2 }
      return 2 * .pi - own.reduce(0) { $0 + interiorAngle($1, vertex) }
    }
    return angles[SIMD3(min(i, k), vertex, max(i, k))] ?? 109.5 * .pi / 180
  }

  private func interiorAngle(_ ring: Set<Int>, _ atom: Int) -> Double {
    let puckers = ring.contains { !isPlanar($0) }
    return puckers ? 104 * .pi / 180 : .pi * Double(ring.count - 2) / Double(ring.count)
  }

  /// Whether these atoms are in one ring.
  func areInOneRing(_ atoms: Int...) -> Bool {
    rings[atoms[0]].contains { ring in atoms.allSatisfy(ring.contains) }
  }

  /// Whether the neighbours of an atom lie in one plane with it.
  func isPlanar(_ atom: Int) -> Bool {
    switch ChemicalElement(rawValue: topology.atomicNumbers[atom]) {
    case .carbon: neighbours[atom].count == 3
    case .nitrogen: types[atom] != "N3"
    default: false
    }
  }

  func isHydrogen(_ atom: Int) -> Bool { topology.atomicNumbers[atom] == 1 }
}

/// The rings of five or six atoms that an atom is in.
private func findRings(of atom: Int, _ neighbours: [[Int]]) -> [Set<Int>] {
  var found: [Set<Int>] = []
  func extend(_ chain: [Int]) {
    guard let last = chain.last else { return }
    for next in neighbours[last] {
      if next == atom, chain.count > 4, !found.contains(Set(chain)) { found.append(Set(chain)) }
      if chain.count < 6, !chain.contains(next) { extend(chain + [next]) }
    }
  }
  extend([atom])
  return found
}
