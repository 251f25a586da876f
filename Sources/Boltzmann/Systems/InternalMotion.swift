import Molecules

/// A motion of a part of a molecule: all that is behind a bond in no ring moves as a whole.
///
/// Every motion has a coordinate q and a direction along which q grows at rate 1:
///
/// - along the bond from i to j: q its length r, the direction u;
/// - in the angle k–i–j: q the angle θ, the rotation about i and the normal of the plane of the
///   three atoms;
/// - about the bond: q a torsion φ, the rotation about the bond.
///
/// Of the derivatives of `f(q)` times the direction only those by the position of one atom count,
/// since no other atom behind the bond is in q, and its own direction does not depend on it: j, in
/// spherical coordinates about i, or for the torsion its last atom. So the divergence is
/// `f' + c f`, with `c = 2/r` along a bond, `cot θ` in an angle, 0 about a bond.
package struct InternalMotion: Equatable, Sendable {
  package enum Kind: CaseIterable, Sendable {
    case bond, angle, torsion
  }

  package let kind: Kind
  /// The atoms of the coordinate: two, three (the vertex in the middle) or four.
  package let atoms: [Int]
}

/// A bond in no ring, with the motions of what is behind it.
struct MovingPart {
  let bond: AcyclicBond
  /// The other atoms at the near end, each of an angle.
  let angleEnds: [Int]
  /// The outer atoms of a torsion about the bond; nil where there is none.
  let torsionEnds: (first: Int, last: Int)?

  /// All of a molecule, in the order of its bonds.
  static func all(of topology: Topology) -> [MovingPart] {
    let neighbours = topology.neighbours
    return topology.bondsInNoRing.map { bond in
      let near = neighbours[bond.near].filter { $0 != bond.far }
      let far = neighbours[bond.far].filter { $0 != bond.near }
      return MovingPart(
        bond: bond, angleEnds: near,
        torsionEnds: near.first.flatMap { first in far.first.map { (first, $0) } })
    }
  }

  /// Its motions, in the order in which ``InternalMotionSums`` are.
  var motions: [InternalMotion] {
    let (near, far) = (bond.near, bond.far)
    return [InternalMotion(kind: .bond, atoms: [near, far])]
      + angleEnds.map { InternalMotion(kind: .angle, atoms: [$0, near, far]) }
      + (torsionEnds.map {
        [InternalMotion(kind: .torsion, atoms: [$0.first, near, far, $0.last])]
      } ?? [])
  }
}
