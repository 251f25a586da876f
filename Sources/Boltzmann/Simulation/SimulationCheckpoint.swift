import Foundation
import Molecules
import Runs
import TensorFiles

/// The state of a simulation between two steps; with its record all that follows is decided.
struct SimulationCheckpoint: Codable, Equatable {
  private let atoms, step: Int
  private let thermalEnergies, potentials, kinetics: [Double]
  /// The bytes of the numbers, little-endian doubles.
  private let positions, velocities: Data
  let exchange: ReplicaExchange
  let statistics: SimulationStatistics
  /// Frames of the trajectory and bytes of the table that belong to this state.
  let frames, tableBytes: Int
  /// The bytes of the tables of the rungs after the first; nil where their frames are not kept.
  let furtherTableBytes: [Int]?
  /// Nil without proposals of a flow.
  let jumps: JumpStatistics?

  init(
    walkers: Walkers, exchange: ReplicaExchange, statistics: SimulationStatistics, frames: Int,
    tableBytes: Int, furtherTableBytes: [Int]? = nil, jumps: JumpStatistics? = nil
  ) {
    (atoms, step) = (walkers.atoms, walkers.step)
    thermalEnergies = walkers.thermalEnergies
    (potentials, kinetics) = (walkers.potentials, walkers.kinetics)
    positions = walkers.positions.withUnsafeBytes { Data($0) }
    velocities = walkers.velocities.withUnsafeBytes { Data($0) }
    self.exchange = exchange
    self.statistics = statistics
    (self.frames, self.tableBytes) = (frames, tableBytes)
    self.furtherTableBytes = furtherTableBytes
    self.jumps = jumps
  }

  var walkers: Walkers {
    Walkers(
      atoms: atoms, step: step, thermalEnergies: thermalEnergies, potentials: potentials,
      kinetics: kinetics, positions: numbers(positions), velocities: numbers(velocities))
  }

  private func numbers(_ bytes: Data) -> [Double] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }

  /// Writes the checkpoint beside the one before.
  /// - Throws: `FileError.unwritable`.
  func write(in folder: SimulationFolder) throws {
    let text = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    let manager = FileManager.default
    if manager.fileExists(atPath: folder.checkpoint) {
      try renameDurably(from: folder.checkpoint, to: folder.previousCheckpoint)
    }
    try writeText(text, path: folder.checkpoint)
  }

  /// The newest checkpoint that can be read; nil when there is none yet.
  ///
  /// - Parameter warn: Told of a damaged one.
  /// - Throws: `RunError.badData` when there are only damaged ones.
  static func newest(
    in folder: SimulationFolder, walkers: Int, atoms: Int, warn: (String) -> Void
  ) throws -> SimulationCheckpoint? {
    var damaged: String?
    for path in [folder.checkpoint, folder.previousCheckpoint] {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      if let found = try? JSONDecoder().decode(SimulationCheckpoint.self, from: data),
        found.fits(walkers: walkers, atoms: atoms)
      {
        return found
      }
      if damaged == nil { warn("\(path): is damaged; trying the checkpoint before") }
      damaged = path
    }
    guard let damaged else { return nil }
    throw RunError.badData(
      path: damaged, problem: "is damaged, and there is no other checkpoint; start a new simulation"
    )
  }

  private func fits(walkers: Int, atoms: Int) -> Bool {
    let groups = (walkers + Energy.lanes - 1) / Energy.lanes
    let bytes = groups * 3 * atoms * Energy.lanes * 8
    return self.atoms == atoms && thermalEnergies.count == walkers
      && potentials.count == walkers && kinetics.count == walkers
      && exchange.rungs.count == walkers
      && furtherTableBytes.map { $0.count == exchange.attempts.count } ?? true
      && positions.count == bytes && velocities.count == bytes
  }
}
