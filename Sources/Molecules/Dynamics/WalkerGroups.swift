import CKernels
import Kernels

extension Walkers {
  /// Calls `body` for every one or two groups of eight, on several workers, with the number of their
  /// first walker, how many groups they are and their memory, in which `body` replaces everything but
  /// kT.
  ///
  /// Lanes of the last group without a walker have the temperature of the last one. Each rank calls
  /// it for its share of the groups and gets the others.
  mutating func updateGroups(
    execution: Execution, ranks: Ranks,
    _ body: (_ first: Int, _ groups: Int, _ walkers: ck_walkers) -> Void
  ) {
    let (atoms, size) = (atoms, 3 * atoms * Energy.lanes)
    let groups = positions.count / size
    let (shares, lanes) = (ranks.shares(of: groups), groups * Energy.lanes)
    let own = shares[ranks.rank]
    // kT, potential and kinetic energy, [3, lanes].
    var energies = (0..<lanes).map { thermalEnergies[min($0, count - 1)] }
    energies += [Double](repeating: 0, count: 2 * lanes)
    positions.withUnsafeMutableBufferPointer { x in
      velocities.withUnsafeMutableBufferPointer { v in
        energies.withUnsafeMutableBufferPointer { energies in
          guard let kT = energies.baseAddress else { return }
          // Every group has its own stretch of each.
          nonisolated(unsafe) let all = ck_walkers(
            thermal: kT, x: x.baseAddress, v: v.baseAddress, potential: kT + lanes,
            kinetic: kT + 2 * lanes)
          let together = Self.groupsTogether(own.count, workers: execution.workers)
          let tasks = (own.count + together - 1) / together
          parallel(tasks, workers: execution.workers) { task in
            let group = own.lowerBound + task * together
            body(
              group * Energy.lanes, min(together, own.upperBound - group),
              all.advanced(groups: group, atoms: atoms))
          }
        }
      }
    }
    potentials = Array(energies[lanes..<lanes + count])
    kinetics = Array(energies[2 * lanes..<2 * lanes + count])
    let walkers = shares.map {
      min(count, $0.lowerBound * Energy.lanes)..<min(count, $0.upperBound * Energy.lanes)
    }
    let numbers = shares.map { $0.lowerBound * size..<$0.upperBound * size }
    ranks.gather(&potentials, shares: walkers)
    ranks.gather(&kinetics, shares: walkers)
    ranks.gather(&positions, shares: numbers)
    ranks.gather(&velocities, shares: numbers)
  }

  /// How many of a number of groups move at once.
  ///
  /// Two at once take less time than one after the other, but more than one: it is two where that
  /// makes the workers take fewer turns.
  private static func groupsTogether(_ groups: Int, workers: Int) -> Int {
    func turns(_ tasks: Int) -> Int { (tasks + workers - 1) / workers }
    return turns((groups + 1) / 2) < turns(groups) ? Int(CK_GROUPS) : 1
  }
}

extension ck_walkers {
  /// The group that lies `groups` further on in memory.
  fileprivate func advanced(groups: Int, atoms: Int) -> ck_walkers {
    let lanes = groups * Energy.lanes
    return ck_walkers(
      thermal: thermal + lanes, x: x + 3 * atoms * lanes, v: v + 3 * atoms * lanes,
      potential: potential + lanes, kinetic: kinetic + lanes)
  }
}
