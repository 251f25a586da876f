import Foundation

/// The right-handed axes in which an atom's angle and torsion are measured.
///
/// `axis` points from the parent to the axis atom; `inPlane` is perpendicular to it, towards the
/// plane atom; looking from the axis atom to the parent, a positive torsion turns clockwise
/// (IUPAC). The same frame serves proper and improper torsions: whether the plane atom hangs on the
/// axis atom or on the parent, the part of its direction perpendicular to `axis` is the same.
struct LocalFrame {
  var axis: SIMD3<Double>
  var inPlane: SIMD3<Double>
  var normal: SIMD3<Double>
  /// The sine of the angle between the directions to the axis and plane atoms, seen from the
  /// parent.
  var sine: Double

  /// The axes at `parent`; finite and orthonormal even if the three atoms lie on one line.
  init(parent: SIMD3<Double>, axis axisAtom: SIMD3<Double>, plane: SIMD3<Double>) {
    axis = (axisAtom - parent).unit ?? SIMD3(1, 0, 0)
    let towards = (plane - parent).unit ?? axis
    let across = towards - dot(towards, axis) * axis
    sine = dot(across, across).squareRoot()
    if sine > 1e-12, let direction = across.unit,
      // A second projection keeps the axes orthonormal when the first one cancels digits.
      let inPlane = (direction - dot(direction, axis) * axis).unit
    {
      self.inPlane = inPlane
    } else {
      let least: SIMD3<Double> = abs(axis.x) < 0.9 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
      inPlane = (least - dot(least, axis) * axis).unit ?? SIMD3(0, 0, 1)
    }
    normal = cross(inPlane, axis)
  }
}

/// The bond `r (cos θ e₁ + sin θ (cos φ e₂ + sin φ e₃))` in the axes at the parent.
func bond(
  _ r: Double, _ θ: Double, _ φ: Double, axis e1: SIMD3<Double>, inPlane e2: SIMD3<Double>,
  normal e3: SIMD3<Double>
) -> SIMD3<Double> {
  let across = cos(φ) * e2 + sin(φ) * e3
  return r * (cos(θ) * e1 + sin(θ) * across)
}

extension SIMD3<Double> {
  /// The vector over its length, or nil where it has none.
  fileprivate var unit: SIMD3<Double>? {
    let length = dot(self, self).squareRoot()
    return length > 1e-150 && length.isFinite ? self / length : nil
  }
}
