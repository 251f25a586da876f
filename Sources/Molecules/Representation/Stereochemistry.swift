import Foundation
import Kernels

/// The stereocentres and the amides of a molecule, from its bonds and elements alone, so that atom
/// names do not matter.
///
/// A stereocentre is an atom with four neighbours whose substituents all differ in elements and
/// bonds, followed to their ends. Centres whose substituents differ by handedness alone are not
/// found. An amide is a C–N bond that can be cis or trans.
package struct Stereochemistry: Equatable, Sendable {
  /// A stereocentre.
  package struct Centre: Equatable, Sendable {
    package let atom: Int
    /// Its neighbours: the heaviest element first, equal ones by their own neighbours' elements;
    /// for alanine's α-carbon N, C, Cβ, Hα.
    package let neighbours: [Int]
  }

  /// An amide: C and N, and the carbons before and after them between which ω turns.
  package struct Amide: Equatable, Sendable {
    /// The atoms of ω: the carbon before, C, N, the carbon after.
    package let atoms: SIMD4<Int32>
    /// Whether N has a hydrogen, as in every peptide bond but those to proline.
    package let isSecondary: Bool
  }

  /// In the order of their atoms.
  package let centres: [Centre]
  /// In the order of their C.
  package let amides: [Amide]

  package init(_ topology: Topology) {
    let graph = BondGraph(topology)
    centres = graph.neighbours.indices.compactMap { atom in
      graph.isStereocentre(atom)
        ? Centre(atom: atom, neighbours: graph.rankedNeighbours(of: atom)) : nil
    }
    amides = graph.neighbours.indices.flatMap { carbon in graph.amides(at: carbon) }
  }

  /// The handedness of every centre: the sign of `(a − x) × (b − x) · (c − x)`, where x is the
  /// centre and a, b, c are its first neighbours: −1, 0 (flat, or not a number) or 1; L-alanine has
  /// 1 (StereochemistryTests).
  ///
  /// - Parameter x: nm, [atoms].
  package func handedness(_ x: [SIMD3<Double>]) -> [Int] {
    centres.map { centre in
      let origin = x[centre.atom]
      let (a, b) = (x[centre.neighbours[0]] - origin, x[centre.neighbours[1]] - origin)
      let volume = dot(cross(a, b), x[centre.neighbours[2]] - origin)
      return volume > 0 ? 1 : volume < 0 ? -1 : 0
    }
  }

  /// The isomer of every amide: 1 (cis, |ω| < 90°), −1 (trans) or 0 (not a number).
  ///
  /// - Parameter x: nm, [atoms].
  package func isomers(_ x: [SIMD3<Double>]) -> [Int] {
    amides.map { amide in
      let (c, n) = (x[Int(amide.atoms.y)], x[Int(amide.atoms.z)])
      let axis = n - c
      // The cosine of ω is that between the normals of the two planes.
      let cosine = dot(
        cross(c - x[Int(amide.atoms.x)], axis), cross(axis, x[Int(amide.atoms.w)] - n))
      return cosine > 0 ? 1 : cosine < 0 ? -1 : 0
    }
  }

  /// The handedness of all centres of every frame, [frames, centres].
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package func handedness(of coordinates: [Double], atoms: Int, execution: Execution) -> [Int] {
    signs(of: coordinates, atoms: atoms, width: centres.count, execution, handedness)
  }

  /// The isomers of all amides of every frame, [frames, amides].
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package func isomers(of coordinates: [Double], atoms: Int, execution: Execution) -> [Int] {
    signs(of: coordinates, atoms: atoms, width: amides.count, execution, isomers)
  }

  private func signs(
    of coordinates: [Double], atoms: Int, width: Int, _ execution: Execution,
    _ signs: ([SIMD3<Double>]) -> [Int]
  ) -> [Int] {
    let frames = Frames(coordinates, atoms: atoms)
    return parallelRows(frames.count, width: width, of: 0, execution: execution) { frame, row in
      for (index, sign) in signs(frames[frame]).enumerated() { row[index] = sign }
    }
  }
}
