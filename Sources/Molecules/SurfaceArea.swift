/// The non-polar solvation of an atom by its surface, estimated from its Born radius (ACE).
///
/// `U = g (R + 0.14 nm)² (R/B)⁶` with the full radius `R` (Schaefer, Bartels and Karplus 1998,
/// *J. Mol. Biol.* 284, 835).
struct SurfaceArea: Sendable {
  /// The radius of a water molecule, nm.
  static let probe = 0.14

  /// `g`, 4π times the surface tension, kJ mol⁻¹ nm⁻².
  var tension: Double

  /// The energy, kJ/mol, and its derivative by the Born radius.
  @inline(__always)
  func energy(radius: Double, bornRadius: Double) -> (value: Double, derivative: Double) {
    let reach = radius + Self.probe
    let ratio = radius / bornRadius
    let cube = ratio * ratio * ratio
    let value = tension * reach * reach * cube * cube
    return (value, -6 * value / bornRadius)
  }
}
