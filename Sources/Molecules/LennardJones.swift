/// The Lennard-Jones interaction of two atom types, `U = A/r¹² − B/r⁶`.
///
/// `A = 4 ε σ¹²` and `B = 4 ε σ⁶`; the prmtop holds `A` and `B` per pair of types, so that pairs which
/// break the combination rules (NBFIX) need nothing special.
package struct LennardJones: Equatable, Sendable {
  /// Repulsion `A`, kJ mol⁻¹ nm¹².
  package var repulsion: Double
  /// Attraction `B`, kJ mol⁻¹ nm⁶.
  package var attraction: Double

  package init(repulsion: Double, attraction: Double) {
    self.repulsion = repulsion
    self.attraction = attraction
  }

  /// The energy `U` and the slope `−r dU/dr = 12 A/r¹² − 6 B/r⁶`, both in kJ/mol, from `1/r²`.
  ///
  /// A pair without any interaction (polar hydrogens) has none at `r = 0` either, where `0 · ∞` would be NaN.
  @inline(__always)
  func energy(inverseSquare: Double) -> (energy: Double, slope: Double) {
    if repulsion == 0 && attraction == 0 { return (0, 0) }
    let inverseSixth = inverseSquare * inverseSquare * inverseSquare
    let repulsive = repulsion * inverseSixth
    return (
      inverseSixth * (repulsive - attraction), inverseSixth * (12 * repulsive - 6 * attraction)
    )
  }
}
