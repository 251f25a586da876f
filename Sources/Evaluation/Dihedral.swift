import Foundation

/// The torsion angles of conformations, in rad, from −π to π.
///
/// For atoms `i, j, k, l` it is the angle from the plane `ijk` to the plane `jkl` about `jk`: 0 when `i` and `l` are
/// cis, positive when, seen along `j → k`, the far bond is turned clockwise (IUPAC). φ is C(−)–N–CA–C, ψ is N–CA–C–N(+).
///
/// - Parameters:
///   - coordinates: Positions, [frames, atoms, 3], in any unit of length.
///   - atoms: The number of atoms of a frame.
///   - quadruples: The atoms of each torsion, [torsions].
/// - Returns: The angles, [frames, torsions]; NaN where a coordinate is not finite.
/// - SeeAlso: IUPAC-IUB Commission 1970, *Abbreviations and Symbols for the Description of the Conformation of
///   Polypeptide Chains*.
package func dihedrals(
  _ coordinates: [Double], atoms: Int, quadruples: [SIMD4<Int32>]
) -> TorsionAngles {
  let angles = mapQuadruples(coordinates, atoms: atoms, quadruples) { a, b, c, d in
    let (first, axis, last) = (b - a, c - b, d - c)
    let (near, far) = (cross(first, axis), cross(axis, last))
    return atan2(dot(first, far) * dot(axis, axis).squareRoot(), dot(near, far))
  }
  return TorsionAngles(angles, torsions: quadruples.count)
}

/// A number for every frame and quadruple of atoms, [frames, quadruples].
func mapQuadruples(
  _ coordinates: [Double], atoms: Int, _ quadruples: [SIMD4<Int32>],
  _ body: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) -> Double
) -> [Double] {
  precondition(
    atoms > 0 && coordinates.count % (3 * atoms) == 0,
    "\(coordinates.count) coordinates do not make frames of \(atoms) atoms")
  for quadruple in quadruples {
    precondition(
      quadruple.min() >= 0 && Int(quadruple.max()) < atoms,
      "atoms \(quadruple) of a molecule of \(atoms)")
  }
  var numbers: [Double] = []
  let frames = coordinates.count / (3 * atoms)
  numbers.reserveCapacity(frames * quadruples.count)
  for frame in 0..<frames {
    func position(_ atom: Int32) -> SIMD3<Double> {
      let start = 3 * (frame * atoms + Int(atom))
      return SIMD3(coordinates[start], coordinates[start + 1], coordinates[start + 2])
    }
    for atoms in quadruples {
      numbers.append(
        body(position(atoms[0]), position(atoms[1]), position(atoms[2]), position(atoms[3])))
    }
  }
  return numbers
}

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }
