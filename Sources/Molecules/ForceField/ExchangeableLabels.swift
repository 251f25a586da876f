/// Atoms whose labels may be exchanged although dynamics never does it: two of the equal ends on a
/// centre with four neighbours, as the hydrogens of a methylene, methyl or ammonium group.
///
/// The exchange mirrors the labels about the centre, and no term of the force field changes. Programs
/// number such hydrogens in either sense, so that frames which began with the structure of one differ
/// in it from a flow that was trained on those of another.
package struct ExchangeableLabels: Equatable, Sendable {
  private struct Centre: Equatable, Sendable {
    let atom: Int
    /// Three neighbours, whose sense about the centre is its handedness; the first two may be
    /// exchanged.
    let corners: [Int]
  }

  private let centres: [Centre]
  private let atoms: Int

  package init(topology: Topology, forceField: ForceField) {
    let neighbours = topology.neighbours
    let terms = ForceFieldTerms(forceField, labels: Array(0..<topology.atoms))
    atoms = topology.atoms
    centres = neighbours.enumerated().compactMap { atom, around in
      let ends = around.filter { neighbours[$0].count == 1 }
      guard around.count == 4, (2...3).contains(ends.count) else { return nil }
      var labels = Array(0..<topology.atoms)
      labels.swapAt(ends[0], ends[1])
      guard ForceFieldTerms(forceField, labels: labels) == terms else { return nil }
      return Centre(atom: atom, corners: Array((ends + around.filter { !ends.contains($0) })[..<3]))
    }
  }

  /// The number of centres.
  package var count: Int { centres.count }

  /// The handedness of every centre, [centres]: the sign of the volume that the three corners span,
  /// 0 where it has none.
  ///
  /// - Parameter coordinates: One conformation, nm, [atoms, 3].
  package func handedness(_ coordinates: [Double]) -> [Int] {
    precondition(coordinates.count == 3 * atoms, "\(coordinates.count) numbers, \(atoms) atoms")
    return centres.map { sign(of: $0, in: coordinates, from: 0) }
  }

  /// Exchanges labels in every frame until its centres have this handedness.
  ///
  /// Energies stay as they are (ExchangeableLabelsTests).
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - handedness: [centres]; a centre with 0 stays as it is.
  package func match(_ coordinates: inout [Double], to handedness: [Int]) {
    precondition(
      handedness.count == count && coordinates.count % (3 * atoms) == 0,
      "\(handedness.count) signs for \(count) centres, \(coordinates.count) numbers")
    for first in stride(from: 0, to: coordinates.count, by: 3 * atoms) {
      for (centre, wanted) in zip(centres, handedness)
      where wanted * sign(of: centre, in: coordinates, from: first) < 0 {
        for axis in 0..<3 {
          coordinates.swapAt(
            first + 3 * centre.corners[0] + axis, first + 3 * centre.corners[1] + axis)
        }
      }
    }
  }

  private func sign(of centre: Centre, in coordinates: [Double], from first: Int) -> Int {
    func position(_ atom: Int) -> SIMD3<Double> {
      let place = first + 3 * atom
      return SIMD3(coordinates[place], coordinates[place + 1], coordinates[place + 2])
    }
    let origin = position(centre.atom)
    let (a, b) = (position(centre.corners[0]) - origin, position(centre.corners[1]) - origin)
    let volume = dot(cross(a, b), position(centre.corners[2]) - origin)
    return volume > 0 ? 1 : volume < 0 ? -1 : 0
  }
}
