import Foundation

/// One cosine term of a dihedral, `U = k (1 + cos(n φ − δ))`; an improper is one as well.
package struct Torsion: Equatable, Sendable {
  /// The four atoms in the order of the dihedral.
  package var atoms: SIMD4<Int32>
  /// Periodicity `n`.
  package var periodicity: Int
  /// Phase `δ`, rad.
  package var phase: Double
  /// Barrier `k` (half the height), kJ/mol.
  package var barrier: Double

  package init(atoms: SIMD4<Int32>, periodicity: Int, phase: Double, barrier: Double) {
    precondition(periodicity >= 0, "periodicity \(periodicity)")
    self.atoms = atoms
    self.periodicity = periodicity
    self.phase = phase
    self.barrier = barrier
  }

  /// `cos δ` and `sin δ`.
  var phaseCosineAndSine: (cosine: Double, sine: Double) { (cos(phase), sin(phase)) }

  /// `k (1 + cos(n φ − δ))`, kJ/mol.
  ///
  /// - Parameter positions: nm, [atoms].
  func energy(_ positions: [SIMD3<Double>]) -> Double {
    let x = (0..<4).map { positions[Int(atoms[$0])] }
    let (first, middle, last) = (x[1] - x[0], x[2] - x[1], x[3] - x[2])
    let (before, after) = (cross(first, middle), cross(middle, last))
    let angle = atan2(dot(first, after) * dot(middle, middle).squareRoot(), dot(before, after))
    return barrier * (1 + cos(Double(periodicity) * angle - phase))
  }
}
