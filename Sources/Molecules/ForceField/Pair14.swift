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
