import Foundation
import Kernels
import Molecules

/// A torsion of a residue as a report names it.
struct NamedTorsion: Equatable {
  /// "φ of ALA2".
  let title: String
  /// "phi-2", for the names of files.
  let name: String
  let residue: Int
  let kind: String
  let quantity: Quantity
  /// Where its axis begins, degrees: ω stays at 180°, in the middle from 0 to 360°.
  let start: Double

  /// φ, ψ, χ and ω of every residue, residue after residue.
  static func all(of topology: Topology) -> [NamedTorsion] {
    let reader = QuantityReader(topology)
    let signs =
      [("phi", "φ"), ("psi", "ψ"), ("omega", "ω")] + (1...5).map { ("chi\($0)", "χ\($0)") }
    return topology.residueNames.indices.flatMap { residue in
      signs.compactMap { kind, sign in
        reader.torsion(kind, of: residue).map { atoms in
          NamedTorsion(
            title: "\(sign) of \(reader.label(residue))", name: "\(kind)-\(residue + 1)",
            residue: residue, kind: kind,
            quantity: Quantity(text: "\(kind) \(residue + 1)", kind: .torsion(atoms)),
            start: kind == "omega" ? 0 : -180)
        }
      }
    }
  }

  /// The angle on its axis, degrees from ``start`` on, from rad.
  func degrees(_ angle: Double) -> Double {
    let degrees = angle * 180 / .pi
    return degrees < start ? degrees + 360 : degrees
  }

  /// The bin of each angle among so many of equal width; −1 for none.
  func bins(_ angles: [Double], count: Int) -> [Int] {
    angles.map { angle in
      guard angle.isFinite else { return -1 }
      return min(count - 1, max(0, Int((degrees(angle) - start) / 360 * Double(count))))
    }
  }

  func edges(_ count: Int) -> [Double] {
    (0...count).map { start + 360 * Double($0) / Double(count) }
  }
}
