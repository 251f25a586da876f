import Kernels
import Molecules

/// The stereoisomers that some frames hold: the handedness of every stereocentre, and cis or trans
/// for every amide.
///
/// Molecular dynamics does not pass from one to another, though they have energies of their own: a
/// flow that may learn from its own proposals would find all of them.
package struct Isomers: Equatable, Sendable {
  private let stereochemistry: Stereochemistry
  private let atoms: Int
  /// The signs that were seen, for every centre and amide.
  private let seen: [Set<Int>]

  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package init(_ topology: Topology, seenIn coordinates: [Double], execution: Execution) {
    stereochemistry = Stereochemistry(topology)
    atoms = topology.atoms
    let width = stereochemistry.centres.count + stereochemistry.amides.count
    let signs = Self.signs(stereochemistry, coordinates, atoms: atoms, execution)
    var seen = [Set<Int>](repeating: [], count: width)
    for (index, sign) in signs.enumerated() { seen[index % width].insert(sign) }
    self.seen = seen
  }

  /// Whether each frame is of a kind that was seen, [frames].
  package func contain(_ coordinates: [Double], execution: Execution) -> [Bool] {
    let frames = coordinates.count / (3 * atoms)
    let width = seen.count
    let signs = Self.signs(stereochemistry, coordinates, atoms: atoms, execution)
    return (0..<frames).map { frame in
      (0..<width).allSatisfy { seen[$0].contains(signs[frame * width + $0]) }
    }
  }

  /// [frames, centres + amides].
  private static func signs(
    _ stereochemistry: Stereochemistry, _ coordinates: [Double], atoms: Int, _ execution: Execution
  ) -> [Int] {
    let frames = coordinates.count / (3 * atoms)
    let centres = stereochemistry.handedness(of: coordinates, atoms: atoms, execution: execution)
    let amides = stereochemistry.isomers(of: coordinates, atoms: atoms, execution: execution)
    func row(_ signs: [Int], _ frame: Int, _ width: Int) -> ArraySlice<Int> {
      signs[frame * width..<(frame + 1) * width]
    }
    return (0..<frames).flatMap { frame in
      row(centres, frame, stereochemistry.centres.count)
        + row(amides, frame, stereochemistry.amides.count)
    }
  }
}
