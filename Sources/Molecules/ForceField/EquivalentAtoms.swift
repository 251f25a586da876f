/// Atoms that the force field cannot tell apart and that turn into each other about a bond, as the
/// hydrogens of a methyl or ammonium group.
///
/// The Boltzmann distribution does not change when they are relabelled, so that each frame of a
/// trajectory stands for many: three for every methyl group. The oxygens of a carboxylate are no
/// such group where an improper torsion names one of them first; ``Flip`` has those.
package struct EquivalentAtoms: Equatable, Sendable {
  /// The groups: three atoms on a centre with four neighbours, or two on one with three, in the
  /// topology's order.
  package let groups: [[Int]]

  /// Finds the groups: atoms with one neighbour, alone on their centre but for one bond to the
  /// rest, whose cyclic exchange maps every term of the force field to an equal one.
  ///
  /// Two hydrogens on a centre with four neighbours are no group: turning cannot exchange them.
  package init(topology: Topology, forceField: ForceField) {
    let neighbours = topology.neighbours
    let terms = ForceFieldTerms(forceField, labels: Array(0..<topology.atoms))
    groups = neighbours.compactMap { around in
      let ends = around.filter { neighbours[$0].count == 1 }
      guard ends.count == around.count - 1, (2...3).contains(ends.count) else { return nil }
      var labels = Array(0..<topology.atoms)
      for (place, atom) in ends.enumerated() { labels[atom] = ends[(place + 1) % ends.count] }
      return ForceFieldTerms(forceField, labels: labels) == terms ? ends : nil
    }
  }

  /// Turns the labels of every group by a random number of places.
  ///
  /// Neither the energy nor the handedness of a centre changes (EquivalentAtomsTests).
  ///
  /// - Parameters:
  ///   - positions: One conformation, [atoms].
  ///   - choice: A uniform random number below its argument.
  package func relabel(_ positions: inout [SIMD3<Double>], choice: (Int) -> Int) {
    for group in groups {
      let turn = choice(group.count)
      let old = group.map { positions[$0] }
      for (place, atom) in group.enumerated() {
        positions[atom] = old[(place + turn) % group.count]
      }
    }
  }
}
