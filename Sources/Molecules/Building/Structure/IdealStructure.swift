import Foundation

extension Peptide {
  /// Places all atoms from ideal lengths and angles and given torsions: nm, [atoms].
  ///
  /// The main chain comes first, then whatever hangs on it, atom by atom as in
  /// ``BondTree/positions(from:)``. Rings come out closed but for the last digits of a puckered one,
  /// amides are trans unless the sequence says cis, and every centre has its handedness
  /// (StartStructureTests).
  func idealStructure(
    _ geometry: BondGeometry, torsions: PeptideTorsions
  ) -> [SIMD3<Double>] {
    var placement = AtomPlacement(self, geometry, torsions)
    placement.placeMainChain()
    placement.placeRest()
    return placement.positions
  }

  /// The atoms of the main chain in their order: N, Cα and C of amino acids, and the heavy atoms of
  /// caps without an oxygen.
  var mainChain: [Int] {
    sequence.residues.indices.flatMap { residue in
      let names: [String] =
        switch sequence.residues[residue].name {
        case "ACE": ["CH3", "C"]
        case "NME": ["N", "CH3"]
        case "NHE": ["N"]
        default: ["N", "CA", "C"]
        }
      return names.compactMap { atom(residue, $0) }
    }
  }
}

/// Atoms that are placed one after the other.
struct AtomPlacement {
  private let peptide: Peptide
  private let geometry: BondGeometry
  private let torsions: PeptideTorsions
  private(set) var positions: [SIMD3<Double>]
  private var isPlaced: [Bool]

  init(_ peptide: Peptide, _ geometry: BondGeometry, _ torsions: PeptideTorsions) {
    self.peptide = peptide
    self.geometry = geometry
    self.torsions = torsions
    positions = [SIMD3<Double>](repeating: .zero, count: peptide.topology.atoms)
    isPlaced = [Bool](repeating: false, count: peptide.topology.atoms)
  }

  /// Begins with atoms that have their places already; nil for the others.
  init(_ peptide: Peptide, _ geometry: BondGeometry, known: [SIMD3<Double>?]) {
    self.init(peptide, geometry, PeptideTorsions(extended: peptide.sequence))
    for (atom, position) in known.enumerated() {
      if let position { set(atom, position) }
    }
  }

  mutating func placeMainChain() {
    let chain = peptide.mainChain
    set(chain[0], .zero)
    set(chain[1], SIMD3(geometry.length(chain[0], chain[1]), 0, 0))
    let (r, θ) = (
      geometry.length(chain[1], chain[2]), geometry.angle(chain[0], chain[1], chain[2])
    )
    set(chain[2], positions[chain[1]] + r * SIMD3(-cos(θ), sin(θ), 0))
    for place in chain.indices.dropFirst(3) {
      let (plane, axis, parent) = (chain[place - 3], chain[place - 2], chain[place - 1])
      put(
        chain[place], on: parent, axis: axis, plane: plane,
        torsion: chainTorsion(axis, parent, before: chain[place]))
    }
  }

  /// The torsion about two atoms of the main chain: ψ, ω or φ.
  private func chainTorsion(_ axis: Int, _ parent: Int, before atom: Int) -> Double {
    let names = peptide.topology.atomNames
    let residue = residue(of: parent)
    switch names[parent] {
    case "N": return peptide.sequence.residues[residue].hasCisBond ? 0 : .pi
    case "C": return sign(residue) * torsions.residues[residue].ψ
    default: return sign(residue) * torsions.residues[residue].φ
    }
  }

  /// Places the neighbours of what is placed until nothing is left.
  mutating func placeRest() {
    var queue = peptide.mainChain + isPlaced.indices.filter { isPlaced[$0] }
    var place = 0
    while place < queue.count {
      let centre = queue[place]
      place += 1
      let waiting = geometry.neighbours[centre].filter { !isPlaced[$0] }
      for atom in geometry.ordered(waiting, around: centre) {
        placeSubstituent(atom, on: centre)
        queue.append(atom)
      }
    }
  }

  private mutating func placeSubstituent(_ atom: Int, on centre: Int) {
    let placed = geometry.ordered(
      geometry.neighbours[centre].filter { isPlaced[$0] }, around: centre)
    guard let axis = placed.first else { return }
    guard let plane = placed.dropFirst().first else {
      let (reference, torsion) = firstTorsion(of: atom, on: centre, axis: axis)
      return put(atom, on: centre, axis: axis, plane: reference, torsion: torsion)
    }
    var torsion = Double.pi
    if !geometry.isPlanar(centre), placed.count == 3 {
      // Opposite to the other three, whatever their handedness.
      let away = placed.reduce(SIMD3<Double>()) { sum, other in
        let apart = positions[centre] - positions[other]
        return sum + apart / dot(apart, apart).squareRoot()
      }
      let length = geometry.length(centre, atom) / max(dot(away, away).squareRoot(), 1e-9)
      return set(atom, positions[centre] + length * away)
    }
    if !geometry.isPlanar(centre) {
      if geometry.neighbours[centre].count == 4 {
        let isD = peptide.sequence.residues[residue(of: centre)].isD
        let order = geometry.clockwise(centre, axis: axis, plane: plane, isD: isD)
        torsion = (order.first == atom ? 1 : -1) * 2 * .pi / 3
      } else {
        torsion = 2 * .pi / 3
      }
    }
    put(atom, on: centre, axis: axis, plane: plane, torsion: torsion)
  }

  /// The atom and the torsion that place the first substituent of a centre after its axis.
  private func firstTorsion(
    of atom: Int, on centre: Int, axis: Int
  ) -> (reference: Int, torsion: Double) {
    let around = geometry.neighbours[axis].filter { $0 != centre && isPlaced[$0] }
    let references = geometry.ordered(around, around: axis)
    let residue = residue(of: centre)
    let name = peptide.topology.atomNames[centre]
    guard let reference = references.first else { return (axis, 0) }
    if let other = references.first(where: { geometry.areInOneRing(atom, centre, axis, $0) }) {
      // A saturated ring puckers.
      return (other, geometry.isPlanar(centre) ? 0 : 0.3)
    }
    if geometry.areInOneRing(centre, axis), geometry.isPlanar(centre), geometry.isPlanar(axis) {
      return (reference, .pi)
    }
    if name == "C", !peptide.sequence.residues[residue].isCap {
      return (reference, sign(residue) * torsions.residues[residue].ψ + .pi)
    }
    if peptide.topology.atomicNumbers[centre] == ChemicalElement.oxygen.rawValue {
      return (reference, .pi)
    }
    if geometry.isPlanar(centre), geometry.isPlanar(axis) { return (reference, 0) }
    if name == "N", ["PRO", "HYP"].contains(peptide.sequence.residues[residue].name) {
      return (reference, sign(residue) * (torsions.residues[residue].φ + .pi))
    }
    let depth = "BGDEZH".firstIndex { $0 == name.dropFirst().first }
      .map { "BGDEZH".distance(from: "BGDEZH".startIndex, to: $0) }
    guard let depth, torsions.residues[residue].χ.indices.contains(depth),
      !geometry.isHydrogen(atom)
    else { return (reference, .pi) }
    return (reference, sign(residue) * torsions.residues[residue].χ[depth])
  }

  private mutating func put(_ atom: Int, on parent: Int, axis: Int, plane: Int, torsion: Double) {
    let frame = LocalFrame(
      parent: positions[parent], axis: positions[axis], plane: positions[plane])
    set(
      atom,
      positions[parent]
        + bond(
          geometry.length(parent, atom), geometry.angle(axis, parent, atom), torsion,
          axis: frame.axis, inPlane: frame.inPlane, normal: frame.normal))
  }

  private mutating func set(_ atom: Int, _ position: SIMD3<Double>) {
    positions[atom] = position
    isPlaced[atom] = true
  }

  private func residue(of atom: Int) -> Int { peptide.topology.residueOfAtom[atom] }

  private func sign(_ residue: Int) -> Double { peptide.sequence.residues[residue].isD ? -1 : 1 }
}
