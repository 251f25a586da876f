import Foundation

/// Effective Born radii by Onufriev, Bashford and Case.
///
/// With radius `R`, offset radius `ρ = R − 0.009 nm` and integral `I` over the space that other atoms fill,
/// `ψ = ρ I` and `1/B = 1/ρ − tanh(α ψ − β ψ² + γ ψ³)/R`
/// (Onufriev, Bashford and Case 2004, *Proteins* 55, 383).
struct BornRadius: Sendable {
  /// By how much radii are reduced, nm.
  static let offset = 0.009

  /// The constants `α`, `β`, `γ`.
  var constants: SIMD3<Double>
  /// Whether an atom that lies wholly inside another one's sphere gets the volume of that sphere as well.
  ///
  /// OpenMM's `GBSAOBCForce` does so and its `CustomGBForce` does not. It takes atoms 0.02 nm apart.
  var fillsInnerSphere: Bool

  /// The radius `B`, nm, and its derivative `dB/dI`, nm².
  @inline(__always)
  func radius(integral: Double, radius: Double) -> (value: Double, derivative: Double) {
    let reduced = radius - Self.offset
    let psi = reduced * integral
    let (a, b, c) = (constants.x, constants.y, constants.z)
    let level = tanh(psi * (a - psi * (b - psi * c)))
    let value = 1 / (1 / reduced - level / radius)
    let slope = a - psi * (2 * b - 3 * c * psi)
    return (value, value * value * (1 - level * level) * slope * reduced / radius)
  }

  /// What one atom's sphere adds to the integral of another atom, nm⁻¹, and its derivative by the distance.
  ///
  /// `I = ½ [1/L − 1/U + ¼ (r − s²/r)(1/U² − 1/L²) + ½ ln(L/U)/r]` with `U = r + s` and
  /// `L = max(ρ, |r − s|)`, and nothing where `U ≤ ρ` (Hawkins, Cramer and Truhlar 1996, *J. Phys. Chem.*
  /// 100, 19824). The derivatives by `U` and `L` vanish, but for `L = s − r`, where the one by `L` is `−1/L²`.
  /// The inner sphere adds `1/ρ − 1/L` there, whose derivative cancels it.
  ///
  /// - Parameters:
  ///   - distance: `r`, nm.
  ///   - reduced: `ρ` of the atom whose integral it is, nm.
  ///   - scaled: `s`, the reduced radius of the other atom times its screen, nm.
  @inline(__always)
  func integral(
    distance: Double, reduced: Double, scaled: Double
  ) -> (value: Double, derivative: Double) {
    let upper = distance + scaled
    if upper <= reduced { return (0, 0) }
    let inverse = 1 / distance
    let lower = max(reduced, abs(distance - scaled))
    let (inverseUpper, inverseLower) = (1 / upper, 1 / lower)
    let squares = inverseUpper * inverseUpper - inverseLower * inverseLower
    let ratio = scaled * scaled * inverse
    let logarithm = log(lower * inverseUpper) * inverse
    var value =
      0.5
      * (inverseLower - inverseUpper + 0.25 * (distance - ratio) * squares + 0.5 * logarithm)
    var derivative = 0.125 * (1 + ratio * inverse) * squares - 0.25 * logarithm * inverse
    if scaled - distance > reduced {
      if fillsInnerSphere {
        value += 1 / reduced - inverseLower
      } else {
        derivative += inverseLower * inverseLower
      }
    }
    return (value, derivative)
  }
}
