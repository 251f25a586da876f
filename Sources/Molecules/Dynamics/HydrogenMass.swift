extension Topology {
  /// Masses in u with hydrogens made heavier at the cost of the atom that each is bonded to,
  /// [atoms].
  ///
  /// The total is kept, and so is the distribution of positions, which does not depend on masses;
  /// the fastest vibrations become slower. A hydrogen bonded to nothing, or to another hydrogen,
  /// keeps its mass.
  ///
  /// - Parameter hydrogen: The mass of a hydrogen, u; nil keeps all masses.
  /// - Returns: Nil where an atom would be left with less than the mass of a hydrogen.
  /// - SeeAlso: Feenstra, Hess and Berendsen 1999, *J. Comput. Chem.* 20, 786.
  package func masses(hydrogen: Double?) -> [Double]? {
    var result = masses
    guard let hydrogen else { return result }
    for bond in bonds {
      let (i, j) = (Int(bond.x), Int(bond.y))
      guard (atomicNumbers[i] == 1) != (atomicNumbers[j] == 1) else { continue }
      let (light, heavy) = atomicNumbers[i] == 1 ? (i, j) : (j, i)
      result[heavy] -= hydrogen - result[light]
      result[light] = hydrogen
    }
    let lowest = min(hydrogen, masses.min() ?? hydrogen)
    return result.allSatisfy { $0 >= lowest } ? result : nil
  }
}
