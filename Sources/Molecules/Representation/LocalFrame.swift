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

// MARK: - Gradient

/// The gradient of some function with respect to the axes of a frame.
struct FrameGradient {
  var axis = SIMD3<Double>.zero
  var inPlane = SIMD3<Double>.zero
  var normal = SIMD3<Double>.zero
}

extension LocalFrame {
  /// The reverse of `init`: the gradients of the three positions, given that of the axes.
  ///
  /// Zero where the three atoms lie on one line, which leaves the plane undefined.
  func gradient(
    _ d: FrameGradient, parent: SIMD3<Double>, axis axisAtom: SIMD3<Double>, plane: SIMD3<Double>
  ) -> (parent: SIMD3<Double>, axis: SIMD3<Double>, plane: SIMD3<Double>) {
    let (along, towards) = (axisAtom - parent, plane - parent)
    let lengths = (dot(along, along).squareRoot(), dot(towards, towards).squareRoot())
    guard sine > 1e-12, lengths.0 > 1e-150 else { return (.zero, .zero, .zero) }
    // e₃ = e₂ × e₁.
    let dInPlane = d.inPlane + cross(axis, d.normal)
    var dAxis = d.axis + cross(d.normal, inPlane)
    // e₂ = unit(w), w = v − (v·e₁) e₁, v towards the plane atom.
    let dAcross = (dInPlane - dot(dInPlane, inPlane) * inPlane) / (lengths.1 * sine)
    let along1 = dot(dAcross, axis)
    let dTowards = dAcross - along1 * axis
    dAxis -= along1 * towards + dot(towards, axis) * dAcross
    // e₁ = unit(g − p).
    let dAlong = (dAxis - dot(dAxis, axis) * axis) / lengths.0
    return (-(dTowards + dAlong), dAlong, dTowards)
  }
}

/// The reverse of `bond`: the gradients of r, θ, φ and of the axes, given that of the bond.
func bondGradient(
  _ d: SIMD3<Double>, _ r: Double, _ θ: Double, _ φ: Double, in frame: LocalFrame
) -> (q: SIMD3<Double>, axes: FrameGradient) {
  let (cosθ, sinθ, cosφ, sinφ) = (cos(θ), sin(θ), cos(φ), sin(φ))
  let across = cosφ * frame.inPlane + sinφ * frame.normal
  let q = SIMD3(
    dot(d, cosθ * frame.axis + sinθ * across), r * dot(d, cosθ * across - sinθ * frame.axis),
    r * sinθ * dot(d, cosφ * frame.normal - sinφ * frame.inPlane))
  return (
    q,
    FrameGradient(axis: r * cosθ * d, inPlane: r * sinθ * cosφ * d, normal: r * sinθ * sinφ * d)
  )
}

extension SIMD3<Double> {
  /// The vector over its length, or nil where it has none.
  fileprivate var unit: SIMD3<Double>? {
    let length = dot(self, self).squareRoot()
    return length > 1e-150 && length.isFinite ? self / length : nil
  }
}
