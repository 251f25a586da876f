import Foundation

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

  /// The energy, kJ/mol; adds the forces when they are wanted.
  ///
  /// With arms `a`, `b` and normal `n = a × b`: `θ = atan2(|n|, a·b)`, which is exact near 0 and π where
  /// an arc cosine is not, and `∂θ/∂a = (a × n)/(a² |n|)`, `∂θ/∂b = (n × b)/(b² |n|)`. Where the arms
  /// are parallel (`|n| = 0`) no direction is better than another, and the force is left out.
  @inline(__always)
  func energy(_ x: Positions, _ forces: Forces?) -> Double {
    let (i, j, k) = (Int(atoms.x), Int(atoms.y), Int(atoms.z))
    let a = x[i] - x[j]
    let b = x[k] - x[j]
    let normal = cross(a, b)
    let sine = dot(normal, normal).squareRoot()
    let bend = atan2(sine, dot(a, b)) - angle
    if let forces, sine != 0 {
      let slope = -stiffness * bend / sine
      let first = cross(a, normal) * (slope / dot(a, a))
      let third = cross(normal, b) * (slope / dot(b, b))
      forces[i] += first
      forces[k] += third
      forces[j] -= first + third
    }
    return 0.5 * stiffness * bend * bend
  }
}
