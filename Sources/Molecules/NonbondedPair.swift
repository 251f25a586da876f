/// Two atoms that interact by Lennard-Jones and Coulomb, with their combined parameters.
struct NonbondedPair: Sendable {
  var atoms: SIMD2<Int32>
  var lennardJones: LennardJones
  var coulomb: Coulomb

  /// Both energies, kJ/mol; adds the forces when they are wanted.
  @inline(__always)
  func energy(_ x: Positions, _ forces: Forces?) -> (lennardJones: Double, coulomb: Double) {
    let (i, j) = (Int(atoms.x), Int(atoms.y))
    let separation = x[i] - x[j]
    let inverseSquare = 1 / dot(separation, separation)
    let dispersion = lennardJones.energy(inverseSquare: inverseSquare)
    let electric = coulomb.energy(inverseDistance: inverseSquare.squareRoot())
    if let forces {
      let force = separation * ((dispersion.slope + electric) * inverseSquare)
      forces[i] += force
      forces[j] -= force
    }
    return (dispersion.energy, electric)
  }
}

/// Two atoms three bonds apart, whose interactions are scaled down.
package struct Pair14: Equatable, Sendable {
  /// The two atoms.
  package var atoms: SIMD2<Int32>
  /// What the Lennard-Jones energy is multiplied by, 1/SCNB.
  package var lennardJonesScale: Double
  /// What the Coulomb energy is multiplied by, 1/SCEE.
  package var coulombScale: Double

  package init(atoms: SIMD2<Int32>, lennardJonesScale: Double, coulombScale: Double) {
    self.atoms = atoms
    self.lennardJonesScale = lennardJonesScale
    self.coulombScale = coulombScale
  }
}

extension ForceField {
  /// Every pair of atoms that is not excluded, each once.
  var nonbondedPairs: [NonbondedPair] {
    var excluded = [Bool](repeating: false, count: atoms * atoms)
    for pair in exclusions {
      excluded[Int(pair.x) * atoms + Int(pair.y)] = true
      excluded[Int(pair.y) * atoms + Int(pair.x)] = true
    }
    var pairs: [NonbondedPair] = []
    for i in 0..<atoms {
      for j in i + 1..<atoms where !excluded[i * atoms + j] {
        pairs.append(
          NonbondedPair(
            atoms: SIMD2(Int32(i), Int32(j)), lennardJones: lennardJones(i, j),
            coulomb: Coulomb(charges[i], charges[j])))
      }
    }
    return pairs
  }

  /// The 1–4 pairs with their scaled parameters.
  var scaledPairs: [NonbondedPair] {
    pairs14.map { pair in
      let (i, j) = (Int(pair.atoms.x), Int(pair.atoms.y))
      var scaled = lennardJones(i, j)
      scaled.repulsion *= pair.lennardJonesScale
      scaled.attraction *= pair.lennardJonesScale
      return NonbondedPair(
        atoms: pair.atoms, lennardJones: scaled,
        coulomb: Coulomb(charges[i], charges[j], scale: pair.coulombScale))
    }
  }
}
