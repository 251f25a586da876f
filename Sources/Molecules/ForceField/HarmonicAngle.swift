/// Angle bending, `U = ½ k (θ − θ₀)²`, with `θ` at the second atom.
package struct HarmonicAngle: Equatable, Sendable {
  /// The three atoms, the vertex in the middle.
  package var atoms: SIMD3<Int32>
  /// Equilibrium angle `θ₀`, rad.
  package var angle: Double
  /// Force constant `k`, kJ mol⁻¹ rad⁻²; AMBER files hold `k/2` in kcal mol⁻¹ rad⁻².
  package var stiffness: Double

  package init(atoms: SIMD3<Int32>, angle: Double, stiffness: Double) {
    self.atoms = atoms
    self.angle = angle
    self.stiffness = stiffness
  }
}
