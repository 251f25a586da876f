/// A torsion about a bond that can turn.
package struct RotatableTorsion: Equatable, Sendable {
  package let atoms: SIMD4<Int32>
  /// Such as "C–N–CA–C of ALA2".
  package let name: String

  /// One torsion of heavy atoms about every bond that is in no ring, in the order of the bonds.
  ///
  /// Of a peptide these are φ, ψ, ω and the χ; amides are among them, whose isomers are slowest.
  package static func all(of topology: Topology) -> [RotatableTorsion] {
    let neighbours = topology.neighbours
    func heavy(_ atom: Int, besides other: Int) -> Int? {
      neighbours[atom].first { $0 != other && topology.atomicNumbers[$0] > 1 }
    }
    return topology.bondsInNoRing.compactMap { bond in
      let (b, c) = (min(bond.near, bond.far), max(bond.near, bond.far))
      guard topology.atomicNumbers[b] > 1, topology.atomicNumbers[c] > 1,
        let a = heavy(b, besides: c), let d = heavy(c, besides: b)
      else { return nil }
      let residue = topology.residueOfAtom[b]
      let names = [a, b, c, d].map { topology.atomNames[$0] }.joined(separator: "–")
      return RotatableTorsion(
        atoms: SIMD4(Int32(a), Int32(b), Int32(c), Int32(d)),
        name: "\(names) of \(topology.residueNames[residue])\(residue + 1)")
    }
  }
}
