/// Bond stretching, `U = ½ k (r − r₀)²`.
package struct HarmonicBond: Equatable, Sendable {
  /// The bonded atoms.
  package var atoms: SIMD2<Int32>
  /// Equilibrium length `r₀`, nm.
  package var length: Double
  /// Force constant `k`, kJ mol⁻¹ nm⁻²; AMBER files hold `k/2` in kcal mol⁻¹ Å⁻².
  package var stiffness: Double

  package init(atoms: SIMD2<Int32>, length: Double, stiffness: Double) {
    self.atoms = atoms
    self.length = length
    self.stiffness = stiffness
  }

  /// The energy, kJ/mol; adds `F = −k (r − r₀) d/r` to the two atoms when `forces` are wanted.
  @inline(__always)
  func energy(_ x: Positions, _ forces: Forces?) -> Double {
    let (i, j) = (Int(atoms.x), Int(atoms.y))
    let separation = x[i] - x[j]
    let distance = dot(separation, separation).squareRoot()
    let stretch = distance - length
    if let forces {
      let force = separation * (-stiffness * stretch / distance)
      forces[i] += force
      forces[j] -= force
    }
    return 0.5 * stiffness * stretch * stretch
  }
}
