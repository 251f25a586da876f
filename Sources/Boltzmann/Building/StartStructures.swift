import Kernels
import Molecules
import Trajectories

extension BuildSettings {
  /// No more chains begin with a structure of their own.
  private static let mostStarts = 64

  /// Writes structures for the chains of a simulation to begin with: `starts.nc` in the folder of a
  /// system that was built of these settings, whose frame i is what the seed `seed + i` gives.
  ///
  /// Where no structure is found for a seed, others are tried (StartStructuresTests).
  ///
  /// - Parameters:
  ///   - count: The number of chains; beyond 64 they take turns.
  ///   - seed: That of the first; 0 is the extended chain.
  /// - Throws: `SequenceError`, `StartStructureError`, or `TrajectoryError` when the disk refuses.
  package func writeStarts(
    count: Int, seed: UInt64, of system: MolecularSystem, version: String, execution: Execution
  ) throws {
    let peptide = try Peptide(sequence, forceField: forceField)
    let count = min(count, Self.mostStarts)
    let found = parallelMap(count, workers: execution.workers) { place, _ in
      Result { () throws(StartStructureError) in
        try peptide.startStructure(
          of: system, seeds: (0..<3).map { seed &+ UInt64($0 * count + place) })
      }
    }
    let starts = try found.map { try $0.get() }
    try writeAmberTrajectory(
      Trajectory(
        atoms: peptide.topology.atoms,
        coordinates: starts.flatMap { $0.flatMap { [$0.x, $0.y, $0.z] } }),
      path: system.startsPath, programVersion: version,
      title: "\(sequence.text), starts of chains")
  }
}

extension Peptide {
  /// The structure of the first seed that has one.
  fileprivate func startStructure(
    of system: MolecularSystem, seeds: [UInt64]
  ) throws(StartStructureError) -> [SIMD3<Double>] {
    for seed in seeds.dropLast() {
      let found = try? startStructure(
        field: system.prmtop.forceField, energy: system.energy, seed: seed)
      if let found { return found }
    }
    return try startStructure(
      field: system.prmtop.forceField, energy: system.energy, seed: seeds.last ?? 0)
  }
}
