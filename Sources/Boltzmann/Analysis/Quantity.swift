import Foundation
import Kernels
import Molecules
import Trajectories

/// A number that every conformation has: a torsion, a distance, or what else can be measured.
package struct Quantity: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case torsion(SIMD4<Int32>)
    case distance(Int, Int)
    /// 1 where a hydrogen of the donor is bonded to the acceptor.
    case hydrogenBond(donor: Int, hydrogens: [Int], acceptor: Int)
    case radiusOfGyration(masses: [Double])
  }

  /// As it is written in a file of states: "phi 2", "distance 1:CA 3:CA".
  package let text: String
  let kind: Kind

  /// Whether the number is an angle, in rad from −π to π.
  package var isAngle: Bool { if case .torsion = kind { true } else { false } }

  /// The unit that it is written in.
  package var unit: String {
    switch kind {
    case .torsion: "degrees"
    case .distance, .radiusOfGyration: "nm"
    case .hydrogenBond: ""
    }
  }

  /// A hydrogen bond is there where the hydrogen is within 0.25 nm of the acceptor and the angle at
  /// it at least 120° (Baker and Hubbard 1984).
  static let longestHydrogenBond = 0.25
  static let leastHydrogenBondCosine = -0.5
}

/// The values of some quantities in every frame, [quantities][frames]; angles in rad.
///
/// The radius of gyration is `√(Σ m (x − x̄)²/Σ m)`, with the centre of mass `x̄`. Broken frames have
/// NaN.
package func values(
  of quantities: [Quantity], in trajectory: Trajectory, execution: Execution
) -> [[Double]] {
  let torsions = quantities.compactMap { quantity in
    if case .torsion(let atoms) = quantity.kind { atoms } else { nil }
  }
  let angles = torsionAngles(
    torsions, of: trajectory.coordinates, atoms: trajectory.atoms, execution: execution)
  var torsion = -1
  return quantities.map { quantity in
    if quantity.isAngle { torsion += 1 }
    return (0..<trajectory.frames).map { frame in
      func position(_ atom: Int) -> SIMD3<Double> {
        let first = 3 * (frame * trajectory.atoms + atom)
        let x = trajectory.coordinates
        return SIMD3(x[first], x[first + 1], x[first + 2])
      }
      switch quantity.kind {
      case .torsion: return angles[frame * torsions.count + torsion]
      case .distance(let i, let j): return length(position(i) - position(j))
      case .hydrogenBond(let donor, let hydrogens, let acceptor):
        return hydrogens.contains { hydrogen in
          let (back, ahead) = (
            position(donor) - position(hydrogen), position(acceptor) - position(hydrogen)
          )
          let cosine = (back * ahead).sum() / (length(back) * length(ahead))
          return length(ahead) <= Quantity.longestHydrogenBond
            && cosine <= Quantity.leastHydrogenBondCosine
        } ? 1 : 0
      case .radiusOfGyration(let masses):
        let total = masses.reduce(0, +)
        var (centre, squares) = (SIMD3<Double>(), 0.0)
        for (atom, mass) in masses.enumerated() {
          let x = position(atom)
          centre += mass * x
          squares += mass * (x * x).sum()
        }
        centre /= total
        return max(0, squares / total - (centre * centre).sum()).squareRoot()
      }
    }
  }
}

private func length(_ vector: SIMD3<Double>) -> Double { (vector * vector).sum().squareRoot() }
