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
}
