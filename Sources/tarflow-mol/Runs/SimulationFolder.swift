import Foundation
import Logging
import Molecules
import Yams

/// The paths inside the folder of a simulation.
struct SimulationFolder: Equatable {
  let path: String

  var record: String { "\(path)/simulation.yaml" }
  var checkpoint: String { "\(path)/checkpoint.json" }
  var previousCheckpoint: String { "\(path)/checkpoint.previous.json" }
  var energies: String { "\(path)/energies.csv" }
  var summary: String { "\(path)/summary.json" }
  /// The frames, once all are there, and while they are written.
  var trajectory: String { "\(path)/trajectory.nc" }
  var growingTrajectory: String { "\(path)/trajectory.partial.nc" }

  init(path: String) { self.path = path }

  /// A simulation that is there.
  /// - Throws: `CommandError.missing`.
  init(existing path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: record) else {
      throw CommandError.missing(
        what: "simulation", path: path,
        advice: "its folder holds simulation.yaml; `tarflow-mol simulate` makes one")
    }
  }

  func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path: path, reason: systemReason(error))
    }
  }

  var isComplete: Bool { FileManager.default.fileExists(atPath: trajectory) }
}

/// What `simulation.yaml` holds: all that is needed to repeat or resume a simulation.
struct SimulationRecord: Codable, Equatable {
  let program: String
  /// The instructions that the lanes run with; others can differ in the last digits.
  let instructions: String
  let system: String
  let topology: RunRecord.Input
  let description: RunRecord.Input
  let start: RunRecord.Input
  let settings: SimulationSettings

  static func read(path: String) throws -> SimulationRecord {
    let text = try readText(
      path: path, what: "simulation record", advice: "`tarflow-mol simulate` writes it")
    do {
      return try YAMLDecoder().decode(SimulationRecord.self, from: text)
    } catch {
      throw CommandError.badData(path: path, problem: yamlProblem(error))
    }
  }

  /// What a simulation began to compute, when its inputs are still the same.
  static func resumed(_ folder: SimulationFolder, log: Logger) throws -> SimulationRecord {
    let record = try read(path: folder.record)
    try record.checkInputs()
    let own = VectorInstructions.best.rawValue
    if record.instructions != own {
      log.warning(
        "the simulation began with \(record.instructions) lanes, these are \(own): it will not go on bit for bit"
      )
    }
    return record
  }

  func write(path: String) throws {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    try writeText(try encoder.encode(self), path: path)
  }

  /// Checks that the inputs are still those the simulation began with.
  /// - Throws: `CommandError.badData` naming the one that is not.
  func checkInputs() throws { try checkUnchanged([topology, description, start]) }
}

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

  init(
    walkers: Walkers, exchange: ReplicaExchange, statistics: SimulationStatistics, frames: Int,
    tableBytes: Int
  ) {
    (atoms, step) = (walkers.atoms, walkers.step)
    thermalEnergies = walkers.thermalEnergies
    (potentials, kinetics) = (walkers.potentials, walkers.kinetics)
    positions = walkers.positions.withUnsafeBytes { Data($0) }
    velocities = walkers.velocities.withUnsafeBytes { Data($0) }
    self.exchange = exchange
    self.statistics = statistics
    (self.frames, self.tableBytes) = (frames, tableBytes)
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
  /// - Throws: `CommandError.unwritable`.
  func write(in folder: SimulationFolder) throws {
    let text = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    let manager = FileManager.default
    if manager.fileExists(atPath: folder.checkpoint) {
      guard rename(folder.checkpoint, folder.previousCheckpoint) == 0 else {
        throw CommandError.unwritable(
          path: folder.previousCheckpoint, reason: String(cString: strerror(errno)))
      }
    }
    try writeText(text, path: folder.checkpoint)
  }

  /// The newest checkpoint that can be read; nil when there is none yet.
  ///
  /// - Parameter warn: Told of a damaged one.
  /// - Throws: `CommandError.badData` when there are only damaged ones.
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
    throw CommandError.badData(
      path: damaged, problem: "is damaged, and there is no other checkpoint; start anew")
  }

  private func fits(walkers: Int, atoms: Int) -> Bool {
    let groups = (walkers + Energy.lanes - 1) / Energy.lanes
    let bytes = groups * 3 * atoms * Energy.lanes * 8
    return self.atoms == atoms && thermalEnergies.count == walkers
      && potentials.count == walkers && kinetics.count == walkers
      && exchange.rungs.count == walkers && positions.count == bytes && velocities.count == bytes
  }
}
