import CKernels
import Kernels

extension Walkers {
  /// Calls `body` for each group of eight, on several workers, with the number of its first walker
  /// and its memory, in which `body` replaces everything but kT.
  ///
  /// Lanes of the last group without a walker have the temperature of the last one.
  mutating func updateGroups(
    execution: Execution, _ body: (_ first: Int, _ group: ck_walkers) -> Void
  ) {
    let atoms = atoms
    let groups = positions.count / (3 * atoms * Energy.lanes)
    let lanes = groups * Energy.lanes
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
          parallel(groups, workers: execution.workers) { group in
            body(group * Energy.lanes, all.advanced(groups: group, atoms: atoms))
          }
        }
      }
    }
    potentials = Array(energies[lanes..<lanes + count])
    kinetics = Array(energies[2 * lanes..<2 * lanes + count])
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
