/// The Lennard-Jones interaction of two atom types, `U = A/r¹² − B/r⁶`.
///
/// `A = 4 ε σ¹²` and `B = 4 ε σ⁶`; the prmtop holds `A` and `B` per pair of types, so that pairs
/// which break the combination rules (NBFIX) need nothing special.
package struct LennardJones: Equatable, Sendable {
  /// Repulsion `A`, kJ mol⁻¹ nm¹².
  package var repulsion: Double
  /// Attraction `B`, kJ mol⁻¹ nm⁶.
  package var attraction: Double

  package init(repulsion: Double, attraction: Double) {
    self.repulsion = repulsion
    self.attraction = attraction
  }
}
