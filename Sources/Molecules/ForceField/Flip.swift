import Foundation

/// Half a turn about a bond that exchanges two equal branches, as that of a phenyl ring or of a
/// carboxylate.
///
/// Atoms trade places in pairs. Every term of the force field turns into an equal one, apart from
/// impropers: Amber writes the three neighbours of a planar centre in an order, and measures the
/// angle about the line from the second to the centre, so that an out-of-plane distortion costs
/// slightly more with one label than with the other. The flip therefore is no symmetry, and a label
/// is drawn with its Boltzmann weight.
package struct Flip: Equatable, Sendable {
  /// The atoms that trade places.
  package let pairs: [SIMD2<Int32>]
  /// The bond, from the part that keeps its labels to the planar centre.
  package let bond: SIMD2<Int32>
  /// The impropers that do not turn into equal ones.
  package let impropers: [Torsion]
  /// An upper bound of the barrier that the bond's torsions put in the way, kJ/mol.
  package let barrier: Double

  /// A flip that a simulation makes has a lower barrier, kJ/mol.
  ///
  /// That of a ring or a carboxylate is near zero, that of an amide or of guanidinium 80 and more.
  /// Where frames have one of the two labels alone, the other would add nothing to them but a
  /// second mode to learn.
  static let highestBarrier = 40.0

  /// Exchanges the labels.
  package func exchange(_ positions: inout [SIMD3<Double>]) {
    for pair in pairs { positions.swapAt(Int(pair.x), Int(pair.y)) }
  }

  /// The energy with the exchanged labels minus that before, kJ/mol.
  ///
  /// - Parameter positions: nm, [atoms].
  package func energyChange(_ positions: [SIMD3<Double>]) -> Double {
    var exchanged = positions
    exchange(&exchanged)
    return impropers.reduce(0) { $0 + $1.energy(exchanged) - $1.energy(positions) }
  }

  /// Draws a label: the other one with the probability `1/(1 + exp(ΔU/kT))`.
  ///
  /// Boltzmann's distribution stays as it is (heat bath), whichever label frames had before
  /// (FlipTests).
  ///
  /// - Parameters:
  ///   - positions: One conformation, nm, [atoms].
  ///   - thermalEnergy: kT, kJ/mol.
  ///   - uniform: A random number in [0, 1).
  package func resample(
    _ positions: inout [SIMD3<Double>], thermalEnergy: Double, uniform: Double
  ) {
    if uniform * (1 + exp(energyChange(positions) / thermalEnergy)) < 1 { exchange(&positions) }
  }
}

extension Flip {
  /// All flips of a molecule that a simulation makes, in the order of their centres.
  package static func all(topology: Topology, forceField: ForceField) -> [Flip] {
    candidates(topology: topology, forceField: forceField).filter { $0.barrier <= highestBarrier }
  }

  /// All flips, those with a high barrier too; without those of ``EquivalentAtoms``.
  package static func candidates(topology: Topology, forceField: ForceField) -> [Flip] {
    let branches = Branches(topology: topology, forceField: forceField)
    let terms = ForceFieldTerms(forceField, labels: Array(0..<topology.atoms))
    let turned = EquivalentAtoms(topology: topology, forceField: forceField).groups
    var found: [[SIMD2<Int32>]: (flip: Flip, reach: Int)] = [:]
    for centre in 0..<topology.atoms {
      for start in branches.neighbours[centre] {
        guard let (labels, reach) = branches.exchange(at: centre, from: start) else { continue }
        let moved = labels.indices.filter { labels[$0] > $0 }
        let pairs = moved.map { SIMD2(Int32($0), Int32(labels[$0])) }
        let isTurn = turned.contains { Set($0) == Set(moved + moved.map { labels[$0] }) }
        let changed = ForceFieldTerms(forceField, labels: labels)
        // The same exchange seen from its other end reaches more atoms.
        if isTurn || changed.counts != terms.counts || reach >= found[pairs]?.reach ?? .max {
          continue
        }
        let flip = Flip(
          pairs: pairs, bond: SIMD2(Int32(start), Int32(centre)),
          impropers: terms.impropers(missingIn: changed),
          barrier: forceField.barrier(about: start, centre))
        found[pairs] = (flip, reach)
      }
    }
    return found.values.map(\.flip).sorted { $0.bond.y < $1.bond.y }
  }
}

/// The branches about planar centres, and which of them are equal.
private struct Branches {
  let neighbours: [[Int]]
  private let kinds: [[Double]]

  init(topology: Topology, forceField: ForceField) {
    neighbours = topology.neighbours
    kinds = (0..<topology.atoms).map(forceField.kind)
  }

  /// The labels after an exchange of the two branches that hang on a centre with three neighbours
  /// besides `start`, and how many atoms are beyond the centre; nil if they differ, if they are
  /// bonded to `start`, or if a centre with four neighbours moves: what handedness its labels have
  /// is not known from the bonds.
  func exchange(at centre: Int, from start: Int) -> (labels: [Int], reach: Int)? {
    let branches = neighbours[centre].filter { $0 != start }
    guard branches.count == 2, neighbours[start].count > 1 else { return nil }
    var images = [centre: centre, branches[0]: branches[1], branches[1]: branches[0]]
    var used = Set(images.values)
    var queue = branches
    while let atom = queue.popLast() {
      let image = images[atom] ?? atom
      guard atom != start, kinds[atom] == kinds[image],
        neighbours[atom].count == neighbours[image].count,
        atom == image || neighbours[atom].count < 4
      else { return nil }
      for next in neighbours[atom] where images[next] == nil {
        let equal = neighbours[image].first { !used.contains($0) && kinds[$0] == kinds[next] }
        guard let equal else { return nil }
        images[next] = equal
        used.insert(equal)
        queue.append(next)
      }
    }
    let labels = neighbours.indices.map { images[$0] ?? $0 }
    guard labels.indices.allSatisfy({ labels[labels[$0]] == $0 }) else { return nil }
    return (labels, images.count)
  }
}

extension ForceField {
  /// Twice the sum of the magnitudes of all cosines about a bond, kJ/mol.
  fileprivate func barrier(about a: Int, _ b: Int) -> Double {
    torsions.filter {
      [Int($0.atoms.y), Int($0.atoms.z)] == [a, b] || [Int($0.atoms.z), Int($0.atoms.y)] == [a, b]
    }.reduce(0) { $0 + 2 * abs($1.barrier) }
  }
}
