import Foundation

extension BondTree {
  /// The reverse of `positions`: the gradient with respect to the internal coordinates.
  ///
  /// Atom by atom from the last one, each passes on to its references what it gets from those placed
  /// after it. It is the slope of the numeric map to 1e-7 (`RepresentationGradientTests`).
  ///
  /// - Parameters:
  ///   - gradient: With respect to the positions, 1/nm, [atoms].
  ///   - q: nm and rad, [placements, 3].
  ///   - positions: What `positions(from: q)` gives, nm, [atoms].
  /// - Returns: 1/nm and 1/rad, [placements, 3]; zero for a length beyond what is clamped.
  func coordinateGradient(
    of gradient: [SIMD3<Double>], at q: [Double], positions: [SIMD3<Double>]
  ) -> [Double] {
    var d = gradient
    var dq = [Double](repeating: 0, count: q.count)
    for (placement, reference) in zip(1..<placements, references).reversed() {
      let (parent, axis, plane) = (
        positions[reference.parent], positions[reference.axis], positions[reference.plane]
      )
      let frame = LocalFrame(parent: parent, axis: axis, plane: plane)
      let own = d[order[placement + 2]]
      let r = q[3 * placement]
      let bond = bondGradient(
        own, Self.clamped(r), q[3 * placement + 1], q[3 * placement + 2], in: frame)
      dq[3 * placement] = Self.clamped(r) == r ? bond.q.x : 0
      dq[3 * placement + 1] = bond.q.y
      dq[3 * placement + 2] = bond.q.z
      let references = frame.gradient(bond.axes, parent: parent, axis: axis, plane: plane)
      d[reference.parent] += own + references.parent
      d[reference.axis] += references.axis
      d[reference.plane] += references.plane
    }
    let first = chainGradient(
      second: d[order[1]], third: d[order[2]], Self.clamped(q[1]), angle: q[2])
    dq[0] = Self.clamped(q[0]) == q[0] ? first.x : 0
    dq[1] = Self.clamped(q[1]) == q[1] ? first.y : 0
    dq[2] = first.z
    return dq
  }

  /// The gradient of `logJacobian`: 2/r for a length, cot θ for an angle, 0 for a torsion.
  func logJacobianGradient(at q: [Double]) -> [Double] {
    q.indices.map { index in
      let isLength = index % 3 == 0 || index == 1
      let isAngle = index == 2 || (index > 2 && index % 3 == 1)
      return isLength ? 2 / q[index] : isAngle ? cos(q[index]) / sin(q[index]) : 0
    }
  }
}

/// The gradients of r₁, r₂ and θ₂ of the first three atoms, at (0, 0), (r₁, 0) and
/// (r₁ − r₂ cos θ₂, r₂ sin θ₂), given those of the second and third.
func chainGradient(
  second: SIMD3<Double>, third: SIMD3<Double>, _ r2: Double, angle θ: Double
) -> SIMD3<Double> {
  SIMD3(
    second.x + third.x, sin(θ) * third.y - cos(θ) * third.x,
    r2 * (sin(θ) * third.x + cos(θ) * third.y))
}
