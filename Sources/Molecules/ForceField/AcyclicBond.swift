/// A bond whose removal divides the molecule.
package struct AcyclicBond: Equatable, Sendable {
  package let near: Int
  package let far: Int
  /// The far atom and all that hangs on it, the smaller of the two parts, ascending.
  package let behind: [Int]
}

extension Topology {
  /// The bonds that are in no ring, in the order of the bonds, each with the smaller part of the
  /// molecule behind it (AcyclicBondTests).
  package var bondsInNoRing: [AcyclicBond] {
    let neighbours = neighbours
    /// What is bonded to `atom` without the bond to `other`; nil when `other` is.
    func part(of atom: Int, without other: Int) -> [Int]? {
      var (reached, next) = (Set([atom]), [atom])
      while let present = next.popLast() {
        for neighbour in neighbours[present]
        where !(present == atom && neighbour == other) && reached.insert(neighbour).inserted {
          if neighbour == other { return nil }
          next.append(neighbour)
        }
      }
      return reached.sorted()
    }
    return bonds.compactMap { bond in
      let (i, j) = (Int(bond.x), Int(bond.y))
      guard let behindJ = part(of: j, without: i), let behindI = part(of: i, without: j) else {
        return nil
      }
      return behindJ.count <= behindI.count
        ? AcyclicBond(near: i, far: j, behind: behindJ)
        : AcyclicBond(near: j, far: i, behind: behindI)
    }
  }
}
