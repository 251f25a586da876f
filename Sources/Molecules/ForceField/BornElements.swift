/// What GBn and GBn2 prescribe for an atom by its element, whatever the prmtop says of screening;
/// proteins only.
///
/// GBn: Mongan et al. 2007, J. Chem. Theory Comput. 3, 156. GBn2: Nguyen, Roe and Simmerling 2013,
/// J. Chem. Theory Comput. 9, 2020. Elements that they leave out have the values that Amber and
/// OpenMM take for these.
struct BornElement {
  /// The factor by which an atom's radius shrinks where it screens another atom.
  ///
  /// That of sulfur in GBn2 is negative: what it covers counts with the other sign.
  var screen: Double
  /// `α`, `β`, `γ` of the Born radius.
  var constants: SIMD3<Double>

  /// GBn, whose constants do not depend on the element.
  static func gbnScreen(_ atomicNumber: Int) -> Double {
    switch atomicNumber {
    case 1: 1.09085413633
    case 6: 0.48435382330
    case 7: 0.700147318409
    case 8: 1.06557401132
    case 16: 0.602256336067
    default: 0.5
    }
  }

  static func gbn2(_ atomicNumber: Int) -> BornElement {
    switch atomicNumber {
    case 1: BornElement(screen: 1.425952, constants: SIMD3(0.788440, 0.798699, 0.437334))
    case 6: BornElement(screen: 1.058554, constants: SIMD3(0.733756, 0.506378, 0.205844))
    case 7: BornElement(screen: 0.733599, constants: SIMD3(0.503364, 0.316828, 0.192915))
    case 8: BornElement(screen: 1.061039, constants: SIMD3(0.867814, 0.876635, 0.387882))
    case 16: BornElement(screen: -0.703469, constants: SIMD3(0.867814, 0.876635, 0.387882))
    default: BornElement(screen: 0.5, constants: SIMD3(1, 0.8, 4.851))
    }
  }
}
