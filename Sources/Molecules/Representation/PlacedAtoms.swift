import CKernels
import Foundation

/// The atoms that are already placed, as the atom to be placed next sees them: in the local frame of
/// its three reference atoms.
///
/// Everything is measured in the frame, so that a rigid motion of the molecule changes nothing
/// (`PlacedAtomsTests`). Row t belongs to token t of an internal representation: it sees all atoms
/// that were placed before the token, in the frame of the first atom that the token places; token 0
/// sees none. An atom has 16 features: the components along e₁, e₂, e₃ of the unit vector from the
/// parent to it (zero for the parent itself), and `exp(−½ ((r − c)/w)²)` of its distance r from the
/// parent, w = 0.1 nm, c = 0, 0.1, … 1.2 nm.
package struct PlacedAtoms: Sendable {
  /// Ranks in the order of placement of an atom's references.
  struct Reference: Sendable {
    let parent: Int
    let axis: Int
    let plane: Int
  }

  let atoms: Int
  let placements: Int
  /// Which placements a token holds.
  let groups: AtomGroups
  /// Those of the atom of each placement from 1.
  let references: [Reference]
  let means: [Double]
  let standardDeviations: [Double]

  package init(_ representation: InternalRepresentation) {
    let tree = representation.tree
    (atoms, placements, groups) = (tree.atoms, tree.placements, representation.groups)
    var rank = [Int](repeating: 0, count: atoms)
    for (place, atom) in tree.order.enumerated() { rank[atom] = place }
    references = tree.references.map {
      Reference(parent: rank[$0.parent], axis: rank[$0.axis], plane: rank[$0.plane])
    }
    means = representation.means
    standardDeviations = representation.standardDeviations
  }

  /// The atoms that each row sees, the first in the order of placement, [tokens].
  package var entries: [Int] { groups.starts.map { $0 == 0 ? 0 : $0 + 2 } }

  /// The features of an atom.
  package var features: Int { Int(CK_LOCAL_FEATURES) }

  /// The numbers of a state: x, y and z of all atoms in the order of placement, and the frame of the
  /// next one, its origin and its three axes.
  package var stateSize: Int { 3 * atoms + 12 }

  /// Places the atoms of a token, after those of all tokens before it, where
  /// `BondTree.positions` has them.
  ///
  /// - Parameters:
  ///   - token: Standardised, [features of a token].
  ///   - state: [stateSize], nm; undefined before token 0.
  package func take(
    _ token: UnsafePointer<Float>, at index: Int, state: UnsafeMutablePointer<Double>
  ) {
    for placement in placements(of: index) {
      place(token + 3 * (placement - groups.starts[index]), at: placement, state: state)
    }
  }

  func placements(of token: Int) -> Range<Int> {
    groups.starts[token]..<(token + 1 < groups.tokens ? groups.starts[token + 1] : placements)
  }

  /// - Parameter coordinates: Of one placement, standardised, [3].
  private func place(
    _ coordinates: UnsafePointer<Float>, at placement: Int, state: UnsafeMutablePointer<Double>
  ) {
    func q(_ axis: Int) -> Double {
      let index = 3 * placement + axis
      return means[index] + standardDeviations[index] * Double(coordinates[axis])
    }
    if placement == 0 {
      let (r1, r2) = (BondTree.clamped(q(0)), BondTree.clamped(q(1)))
      put(.zero, at: 0, in: state)
      put(SIMD3(r1, 0, 0), at: 1, in: state)
      put(SIMD3(r1 - r2 * cos(q(2)), r2 * sin(q(2)), 0), at: 2, in: state)
    } else {
      let frame = state + 3 * atoms
      let bond = bond(
        BondTree.clamped(q(0)), q(1), q(2), axis: vector(frame + 3), inPlane: vector(frame + 6),
        normal: vector(frame + 9))
      put(vector(frame) + bond, at: placement + 2, in: state)
    }
    if placement + 1 < placements { turn(to: references[placement], state: state) }
  }

  /// Writes the features of the atoms that a row sees, [entries, 16].
  ///
  /// - Parameter state: With the tokens before the row.
  package func write(
    row: Int, state: UnsafePointer<Double>, into features: UnsafeMutablePointer<Float>
  ) {
    guard row > 0 else { return }
    ck_local_features(
      groups.starts[row] + 2, state, state + atoms, state + 2 * atoms, state + 3 * atoms, features)
  }

  /// Writes the frame of the next atom.
  private func turn(to reference: Reference, state: UnsafeMutablePointer<Double>) {
    let parent = position(reference.parent, in: state)
    let local = LocalFrame(
      parent: parent, axis: position(reference.axis, in: state),
      plane: position(reference.plane, in: state))
    for (place, vector) in [parent, local.axis, local.inPlane, local.normal].enumerated() {
      for axis in 0..<3 { state[3 * (atoms + place) + axis] = vector[axis] }
    }
  }

  private func put(_ position: SIMD3<Double>, at rank: Int, in state: UnsafeMutablePointer<Double>)
  {
    for axis in 0..<3 { state[axis * atoms + rank] = position[axis] }
  }

  private func position(_ rank: Int, in state: UnsafePointer<Double>) -> SIMD3<Double> {
    SIMD3(state[rank], state[atoms + rank], state[2 * atoms + rank])
  }

  private func vector(_ place: UnsafePointer<Double>) -> SIMD3<Double> {
    SIMD3(place[0], place[1], place[2])
  }
}
