import Foundation
import Kernels

/// The backbone torsions of a peptide, as atoms named in the topology.
package struct Backbone: Equatable, Sendable {
  /// C of the residue before, N, CA, C; in the order of the residues.
  package let phi: [SIMD4<Int32>]
  /// N, CA, C, N of the residue after; in the order of the residues.
  package let psi: [SIMD4<Int32>]

  /// All φ, then all ψ: the order of every array of torsions.
  package var torsions: [SIMD4<Int32>] { phi + psi }

  /// Finds the torsions by atom names and by the bonds between residues.
  ///
  /// Capping groups (ACE, NME) lend their C and N and have no torsions of their own.
  package init(_ topology: Topology) {
    let neighbours = topology.neighbours
    var named = [[String: Int]](repeating: [:], count: topology.residueNames.count)
    for atom in 0..<topology.atoms {
      named[topology.residueOfAtom[atom]][topology.atomNames[atom]] = atom
    }
    /// The atom called `name` in another residue that `atom` is bonded to.
    func partner(of atom: Int, called name: String) -> Int? {
      neighbours[atom].first {
        topology.atomNames[$0] == name
          && topology.residueOfAtom[$0] != topology.residueOfAtom[atom]
      }
    }
    func quadruple(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> SIMD4<Int32> {
      SIMD4(Int32(a), Int32(b), Int32(c), Int32(d))
    }
    var (phi, psi): ([SIMD4<Int32>], [SIMD4<Int32>]) = ([], [])
    for atoms in named {
      guard let n = atoms["N"], let ca = atoms["CA"], let c = atoms["C"] else { continue }
      if let before = partner(of: n, called: "C") { phi.append(quadruple(before, n, ca, c)) }
      if let after = partner(of: c, called: "N") { psi.append(quadruple(n, ca, c, after)) }
    }
    self.phi = phi
    self.psi = psi
  }

  /// All φ, then all ψ of every frame, rad in −π … π, [frames, torsions].
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - atoms: The number of atoms in a frame.
  package func angles(of coordinates: [Double], atoms: Int, execution: Execution) -> [Double] {
    torsionAngles(torsions, of: coordinates, atoms: atoms, execution: execution)
  }
}

/// The angles of torsions in every frame, rad in −π … π, [frames, torsions].
///
/// - Parameters:
///   - torsions: Four atoms each.
///   - coordinates: nm, [frames, atoms, 3].
///   - atoms: The number of atoms in a frame.
package func torsionAngles(
  _ torsions: [SIMD4<Int32>], of coordinates: [Double], atoms: Int, execution: Execution
) -> [Double] {
  let frames = Frames(coordinates, atoms: atoms)
  return parallelRows(
    frames.count, width: torsions.count, of: 0.0, execution: execution
  ) { frame, row in
    let x = frames[frame]
    for (index, torsion) in torsions.enumerated() {
      let first = x[Int(torsion.y)] - x[Int(torsion.x)]
      let middle = x[Int(torsion.z)] - x[Int(torsion.y)]
      let last = x[Int(torsion.w)] - x[Int(torsion.z)]
      let (before, after) = (cross(first, middle), cross(middle, last))
      row[index] = atan2(
        dot(first, after) * dot(middle, middle).squareRoot(), dot(before, after))
    }
  }
}
