import Foundation
import Molecules

/// A topology from atom names by residue and from bonds by index; the element is a name's first
/// letter.
func madeTopology(_ residues: [(String, [String])], bonds: [(Int, Int)]) -> Topology {
  let names = residues.flatMap(\.1)
  let elements = names.map { name -> Int in
    switch name.first {
    case "C": 6
    case "N": 7
    case "O": 8
    default: 1
    }
  }
  return Topology(
    atomNames: names, atomicNumbers: elements,
    masses: elements.map { $0 == 1 ? 1.008 : 2.0 * Double($0) }, residueNames: residues.map(\.0),
    residueOfAtom: residues.enumerated().flatMap { index, residue in residue.1.map { _ in index } },
    bonds: bonds.map { SIMD2(Int32(min($0.0, $0.1)), Int32(max($0.0, $0.1))) }
      .sorted { ($0.x, $0.y) < ($1.x, $1.y) })
}

/// Polyalanine with AMBER's atom names and order: AL2 and AL4 capped by ACE and NME, AL3 and AL6
/// with charged ends.
func madePeptide(_ name: String) -> Topology {
  let alanines = ["AL2": 1, "AL3": 3, "AL4": 3, "AL6": 6][name] ?? 1
  let capped = ["AL2", "AL4"].contains(name)
  let side = ["CA", "HA", "CB", "HB1", "HB2", "HB3", "C", "O"]
  var residues = (0..<alanines).map { index -> (String, [String]) in
    let start = !capped && index == 0 ? ["N", "H1", "H2", "H3"] : ["N", "H"]
    return ("ALA", start + side + (!capped && index == alanines - 1 ? ["OXT"] : []))
  }
  if capped {
    residues.insert(("ACE", ["HH31", "CH3", "HH32", "HH33", "C", "O"]), at: 0)
    residues.append(("NME", ["N", "H", "CH3", "HH31", "HH32", "HH33"]))
  }
  let hosts = [
    "H": "N", "H1": "N", "H2": "N", "H3": "N", "CA": "N", "HA": "CA", "CB": "CA", "HB1": "CB",
    "HB2": "CB", "HB3": "CB", "C": "CA", "O": "C", "OXT": "C", "HH31": "CH3", "HH32": "CH3",
    "HH33": "CH3",
  ]
  var bonds: [(Int, Int)] = []
  var first = 0
  var previousCarbon: Int?
  for (residue, names) in residues {
    func place(_ atom: String) -> Int? { names.firstIndex(of: atom).map { first + $0 } }
    for atom in names {
      let capHost = [["ACE", "C"]: "CH3", ["NME", "CH3"]: "N"][[residue, atom]]
      if let host = capHost ?? hosts[atom], let a = place(atom), let b = place(host) {
        bonds.append((a, b))
      }
    }
    if let carbon = previousCarbon, let nitrogen = place("N") { bonds.append((carbon, nitrogen)) }
    previousCarbon = place("C")
    first += names.count
  }
  return madeTopology(residues, bonds: bonds)
}

/// A five-ring as in proline, with a tail: N, CD, CG, CB, CA close the ring.
let madeRing = madeTopology(
  [
    (
      "PRO",
      ["N", "CD", "HD2", "HD3", "CG", "HG2", "HG3", "CB", "HB2", "HB3", "CA", "HA", "C", "O"]
    )
  ],
  bonds: [
    (0, 1), (1, 2), (1, 3), (1, 4), (4, 5), (4, 6), (4, 7), (7, 8), (7, 9), (7, 10), (10, 0),
    (10, 11), (10, 12), (12, 13),
  ])

/// The molecules that every property is tested on.
let madeMolecules: [String: Topology] = [
  "AL2": madePeptide("AL2"), "AL3": madePeptide("AL3"), "AL4": madePeptide("AL4"),
  "AL6": madePeptide("AL6"), "ring": madeRing,
]

/// Every made molecule with every order of placement.
let madeCases: [(String, AtomOrder)] = madeMolecules.keys.sorted().flatMap { name in
  AtomOrder.allCases.map { (name, $0) }
}

/// Random geometries.
extension SeededGenerator {
  mutating func uniform(_ range: Range<Double>) -> Double { .random(in: range, using: &self) }

  mutating func normal() -> Double {
    (-2 * log(1 - uniform(0..<1))).squareRoot() * cos(2 * .pi * uniform(0..<1))
  }

  /// Independent points in a cube of 1 nm: no bond has its length, every torsion is as likely.
  mutating func points(_ count: Int) -> [SIMD3<Double>] {
    (0..<count).map { _ in SIMD3(uniform(0..<1), uniform(0..<1), uniform(0..<1)) }
  }

  /// Conformations around one made geometry, nm, [frames, atoms, 3]: bond lengths 0.13 ± 0.003 nm,
  /// angles 1.9 ± 0.05, torsions at their own means ± 0.1 except where `torsion(token)` gives one.
  mutating func ensemble(
    _ tree: BondTree, frames: Int,
    torsion: (Int, inout SeededGenerator) -> Double? = { _, _ in nil }
  ) -> [Double] {
    let means = (0..<tree.placements).map { _ in uniform(-.pi..<(.pi)) }
    return (0..<frames).flatMap { _ -> [Double] in
      var q: [Double] = []
      for token in 0..<tree.placements {
        let (r, θ) = (0.13 + 0.003 * normal(), 1.9 + 0.05 * normal())
        if token == 0 {
          q += [r, 0.13 + 0.003 * normal(), θ]
        } else {
          q += [r, θ, torsion(token, &self) ?? means[token] + 0.1 * normal()]
        }
      }
      return tree.positions(from: q).flatMap { [$0.x, $0.y, $0.z] }
    }
  }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

/// All pair distances, then the signed volume of every four consecutive atoms.
func shape(_ x: [SIMD3<Double>]) -> (distances: [Double], volumes: [Double]) {
  let distances = x.indices.flatMap { i in
    x[..<i].map { dot(x[i] - $0, x[i] - $0).squareRoot() }
  }
  let volumes = x.indices.dropLast(3).map { i in
    dot(cross(x[i + 1] - x[i], x[i + 2] - x[i]), x[i + 3] - x[i])
  }
  return (distances, volumes)
}

/// Central differences of `map` at `point`: one row an input, [inputs, outputs].
func numericJacobian(at point: [Double], step: Double, _ map: ([Double]) -> [Double]) -> [[Double]]
{
  point.indices.map { index in
    var (ahead, behind) = (point, point)
    ahead[index] += step
    behind[index] -= step
    return zip(map(ahead), map(behind)).map { ($0 - $1) / (2 * step) }
  }
}

/// The 3N − 6 coordinates that are free when the first atom of the order is at the origin, the
/// second on the x axis, the third in the xy plane.
func freeCoordinates(_ x: [SIMD3<Double>], _ tree: BondTree) -> [Double] {
  let ordered = tree.order.map { x[$0] }
  return [ordered[1].x, ordered[2].x, ordered[2].y]
    + ordered.dropFirst(3).flatMap { [$0.x, $0.y, $0.z] }
}

/// The flat array [atoms, 3] as positions.
func vectors(_ flat: some Collection<Double>) -> [SIMD3<Double>] {
  let flat = Array(flat)
  return stride(from: 0, to: flat.count, by: 3).map { SIMD3(flat[$0], flat[$0 + 1], flat[$0 + 2]) }
}
