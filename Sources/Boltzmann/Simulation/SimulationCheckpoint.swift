import Foundation
import Molecules
import Runs
import TensorFiles

/// The state of a simulation between two steps; with its record all that follows is decided.
struct SimulationCheckpoint: Codable, Equatable {
  private let atoms: Int
  let step: Int
  private let thermalEnergies, potentials, kinetics: [Double]
  /// The bytes of the numbers, little-endian doubles.
  private let positions, velocities: Data
  let exchange: ReplicaExchange
  let statistics: SimulationStatistics
  /// Frames of the trajectory and bytes of the table that belong to this state.
  let frames, tableBytes: Int
  /// The bytes of the tables of the rungs after the first; nil where their frames are not kept.
  let furtherTableBytes: [Int]?
  /// Of the files of every rung that is kept; nil in checkpoints of programs that wrote none.
  let checksums: [SimulationOutput.Checksums]?
  /// Nil without proposals of a flow.
  let jumps: JumpStatistics?
  /// The settings that it was computed with; nil in checkpoints of programs that wrote none.
  private var settings: String?

  init(
    walkers: Walkers, exchange: ReplicaExchange, statistics: SimulationStatistics, frames: Int,
    tableBytes: Int, furtherTableBytes: [Int]? = nil,
    checksums: [SimulationOutput.Checksums]? = nil, jumps: JumpStatistics? = nil,
    settings: RecordedSettings? = nil
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
    self.checksums = checksums
    self.jumps = jumps
    self.settings = settings?.text
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

  /// What precedes and follows the state in the file, with its CRC-32 between.
  private static let parts = (start: "{\"crc32\":\"", middle: "\",\"state\":", end: "}")

  /// The file of the checkpoint: equal states have equal bytes.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let state = String(decoding: try encoder.encode(self), as: UTF8.self)
    let parts = Self.parts
    return parts.start + "\(Checksum(of: state.utf8))" + parts.middle + state + parts.end
  }

  /// The checkpoint of a file; nil for a damaged one.
  ///
  /// Files without a checksum hold the state alone.
  init?(_ data: Data) {
    let parts = Self.parts
    let before = parts.start.utf8.count + 8 + parts.middle.utf8.count
    var state = data
    if data.starts(with: Array(parts.start.utf8)) {
      guard data.count > before + parts.end.utf8.count else { return nil }
      state = data.dropFirst(before).dropLast(parts.end.utf8.count)
      let wanted = parts.start + "\(Checksum(of: state))" + parts.middle
      guard data.starts(with: Array(wanted.utf8)) else { return nil }
    }
    guard let found = try? decodeJSON(SimulationCheckpoint.self, from: state) else {
      return nil
    }
    self = found
  }

  /// The checkpoint of a simulation whose settings have changed.
  func of(_ settings: RecordedSettings) -> SimulationCheckpoint {
    var checkpoint = self
    checkpoint.settings = settings.text
    return checkpoint
  }

  /// Writes the checkpoint beside the one before.
  /// - Throws: `FileError.unwritable`.
  func write(in folder: SimulationFolder) throws {
    let text = try text()
    let manager = FileManager.default
    if manager.fileExists(atPath: folder.checkpoint) {
      try renameDurably(from: folder.checkpoint, to: folder.previousCheckpoint)
    }
    try writeText(text, path: folder.checkpoint)
  }

  /// The newest checkpoint that can be read; nil when there is none yet.
  ///
  /// It takes the place of a damaged one.
  /// - Parameters:
  ///   - settings: Those of the simulation that is to go on.
  ///   - warn: Told of a damaged one.
  /// - Throws: `RunError.badData` when there are only damaged ones, `.configuration` when it was
  ///   computed with other settings, naming the first with both values.
  static func newest(
    in folder: SimulationFolder, walkers: Int, atoms: Int, settings: RecordedSettings = .none,
    warn: (String) -> Void
  ) throws -> SimulationCheckpoint? {
    var damaged: String?
    for path in [folder.checkpoint, folder.previousCheckpoint] {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      let found = SimulationCheckpoint(data)
      try found?.check(settings, record: folder.record)
      if let found, found.fits(walkers: walkers, atoms: atoms) {
        // The next one must not put the damaged one in the place of this.
        if damaged != nil { try renameDurably(from: path, to: folder.checkpoint) }
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

  /// Checks that settings are those of the newest checkpoint that can be read, if there is one.
  /// - Throws: `RunError.configuration` naming the first that differs, with both values.
  static func check(_ settings: RecordedSettings, in folder: SimulationFolder) throws {
    for path in [folder.checkpoint, folder.previousCheckpoint] {
      guard let data = FileManager.default.contents(atPath: path),
        let found = SimulationCheckpoint(data)
      else { continue }
      return try found.check(settings, record: folder.record)
    }
  }

  private func check(_ now: RecordedSettings, record: String) throws(RunError) {
    guard let settings, let (key, now, then) = now.difference(from: settings) else { return }
    throw .configuration(
      source: record,
      problem: "\(key) is \(now), but the simulation ran with \(then) up to step \(step); "
        + "restore it, or start a new simulation")
  }

  func fits(walkers: Int, atoms: Int) -> Bool {
    let groups = (walkers + Energy.lanes - 1) / Energy.lanes
    let bytes = groups * 3 * atoms * Energy.lanes * 8
    let temperatures = exchange.thermalEnergies.count
    let counts = [step, frames, tableBytes] + (furtherTableBytes ?? [])
    return self.atoms == atoms && counts.allSatisfy((0...1 << 60).contains)
      && thermalEnergies.count == walkers && exchange.isConsistent
      && statistics.fit(walkers: walkers, temperatures: temperatures)
      && jumps.map { $0.fit(chains: walkers / temperatures) } ?? true
      && potentials.count == walkers && kinetics.count == walkers
      && exchange.rungs.count == walkers
      && furtherTableBytes.map { $0.count == exchange.attempts.count } ?? true
      && checksums.map { $0.count == 1 + (furtherTableBytes?.count ?? 0) } ?? true
      && positions.count == bytes && velocities.count == bytes
  }
}
