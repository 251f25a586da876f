import Foundation

/// One cosine term of a dihedral, `U = k (1 + cos(n φ − δ))`; an improper is one as well.
package struct Torsion: Equatable, Sendable {
  /// The four atoms in the order of the dihedral.
  package var atoms: SIMD4<Int32>
  /// Periodicity `n`.
  package var periodicity: Int
  /// Phase `δ`, rad.
  package var phase: Double { didSet { (phaseCosine, phaseSine) = (cos(phase), sin(phase)) } }
  /// Barrier `k` (half the height), kJ/mol.
  package var barrier: Double

  private var phaseCosine: Double
  private var phaseSine: Double

  package init(atoms: SIMD4<Int32>, periodicity: Int, phase: Double, barrier: Double) {
    precondition(periodicity >= 0, "periodicity \(periodicity)")
    self.atoms = atoms
    self.periodicity = periodicity
    self.phase = phase
    self.barrier = barrier
    (phaseCosine, phaseSine) = (cos(phase), sin(phase))
  }

  /// The energy, kJ/mol; adds the forces when they are wanted.
  ///
  /// With `a`, `b`, `c` the three bond vectors, `m = a × b` and `n = b × c`:
  /// `cos φ = m·n / (|m||n|)` and `sin φ = |b| a·n / (|m||n|)`; multiples of `φ` come from powers of
  /// `cos φ + i sin φ`, so no arc function is evaluated. The forces on the ends are along `m` and `n`
  /// (Blondel and Karplus 1996, *J. Comput. Chem.* 17, 1132), free of `1/sin φ`. Where three atoms are in
  /// line `φ` has no value: it is taken as 0, without a force.
  @inline(__always)
  func energy(_ x: Positions, _ forces: Forces?) -> Double {
    let (i, j, k, l) = (Int(atoms.x), Int(atoms.y), Int(atoms.z), Int(atoms.w))
    let a = x[j] - x[i]
    let b = x[k] - x[j]
    let c = x[l] - x[k]
    let m = cross(a, b)
    let n = cross(b, c)
    let (mm, nn, bb) = (dot(m, m), dot(n, n), dot(b, b))
    guard mm * nn != 0 else { return barrier * (1 + phaseCosine) }
    let length = bb.squareRoot()
    let scale = 1 / (mm * nn).squareRoot()
    let cosine = dot(m, n) * scale
    let sine = length * dot(a, n) * scale
    var (multipleCosine, multipleSine) = (1.0, 0.0)
    for _ in 0..<periodicity {
      (multipleCosine, multipleSine) = (
        multipleCosine * cosine - multipleSine * sine, multipleSine * cosine + multipleCosine * sine
      )
    }
    if let forces {
      let slope =
        Double(periodicity) * barrier * (multipleCosine * phaseSine - multipleSine * phaseCosine)
      let first = m * (slope * length / mm)
      let last = n * (-slope * length / nn)
      let shift = first * (dot(a, b) / bb) - last * (dot(c, b) / bb)
      forces[i] += first
      forces[j] -= first + shift
      forces[k] -= last - shift
      forces[l] += last
    }
    return barrier * (1 + multipleCosine * phaseCosine + multipleSine * phaseSine)
  }
}
