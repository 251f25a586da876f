import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// The files of one temperature that grow while a simulation runs: its frames and the table of
/// their energies.
final class SimulationOutput {
  static let header = "frame,time_ps,chain,walker,potential_kJ_mol,kinetic_kJ_mol,temperature_K\n"

  /// Coordinates that are held back before they are written: 4 MB.
  private static let bufferedCoordinates = 500_000

  private let folder: SimulationFolder
  private let rung: Int
  /// What the file says of its frames, K; nil where it says nothing.
  private let temperature: Double?
  private let trajectory: GrowingTrajectory
  private var table: GrowingFile
  private var tablePrefix = PrefixChecksum()
  /// What has not been written yet.
  private var coordinates: [Double] = []
  private var times: [Double] = []
  private var chains: [Int32] = []
  private var rows = ""

  /// The checksums of the frames and of the table's rows up to a checkpoint.
  struct Checksums: Codable, Equatable {
    let frames, table: String
  }

  /// New files, or those of a simulation that goes on after so many frames and bytes.
  ///
  /// - Parameter checksums: Of the files up to there; nil where they are not known.
  /// - Throws: `RunError.badData` when the files are shorter, or other ones (`SimulationMutationTests`).
  init(
    _ folder: SimulationFolder, rung: Int = 0, temperature: Double? = nil, atoms: Int, frames: Int,
    tableBytes: Int, checksums: Checksums? = nil, title: String, version: String
  ) throws {
    (self.folder, self.rung, self.temperature) = (folder, rung, temperature)
    let growing = folder.growingTrajectory(rung: rung)
    if frames > 0 {
      // A run that was killed while it gave the files their names goes on from these.
      let manager = FileManager.default
      let complete = folder.trajectory(rung: rung)
      if !manager.fileExists(atPath: growing), manager.fileExists(atPath: complete) {
        try renameDurably(from: complete, to: growing)
      }
      trajectory = try GrowingTrajectory(reopening: growing, atoms: atoms, frames: frames)
    } else {
      trajectory = try GrowingTrajectory(
        creating: growing, atoms: atoms, hasTemperatures: temperature != nil,
        programVersion: version, title: title)
    }
    let energies = folder.energies(rung: rung)
    if tableBytes == 0 { try writeText(Self.header, path: energies) }
    let counted = max(tableBytes, Self.header.utf8.count)
    table = try GrowingFile(path: energies)
    guard table.size >= counted else {
      throw RunError.badData(
        path: energies,
        problem: "has fewer than the \(counted) bytes that the checkpoint counts; "
          + "start a new simulation")
    }
    try table.truncate(to: counted)
    guard let checksums else { return }
    // Without frames the file is a new one.
    if frames > 0 {
      try Self.compare(try trajectory.checksum(), with: checksums.frames, path: growing)
    }
    if tableBytes > 0 {
      try Self.compare(
        try tablePrefix.extend(to: counted, of: energies), with: checksums.table, path: energies)
    }
  }

  private static func compare(
    _ found: String, with expected: String, path: String
  ) throws(RunError) {
    guard found != expected else { return }
    throw .badData(
      path: path,
      problem: "is not what the simulation has written: up to the checkpoint it has the checksum "
        + "\(found), expected \(expected.prefix(40)); use a copy, or start a new simulation")
  }

  /// Adds the frame of every chain, that of the walker at this temperature.
  func add(
    _ walkers: Walkers, _ exchange: ReplicaExchange, _ dynamics: LangevinDynamics, time: Double
  ) throws {
    for chain in 0..<exchange.ladders {
      let walker = exchange.walker(onRung: rung, ofLadder: chain)
      let kinetic = walkers.kinetics[walker]
      rows +=
        "\(trajectory.frames + times.count),\(time.fixed(3)),\(chain),\(walker),"
        + "\(walkers.potentials[walker].fixed(4)),\(kinetic.fixed(4)),"
        + "\(dynamics.temperature(kinetic: kinetic).fixed(2))\n"
      coordinates += walkers.centred(walker)
      times.append(time)
      chains.append(Int32(chain))
    }
    if coordinates.count > Self.bufferedCoordinates { try write() }
  }

  /// Waits until all is on the disk; returns the frames and the bytes of the table, with their
  /// checksums.
  func flush() throws -> (frames: Int, tableBytes: Int, checksums: Checksums) {
    try write()
    try trajectory.flush()
    try table.synchronize()
    let checksums = Checksums(
      frames: try trajectory.checksum(),
      table: try tablePrefix.extend(to: table.size, of: table.path))
    return (trajectory.frames, table.size, checksums)
  }

  /// The names of the complete files, with the checksums of all their bytes.
  func listed() throws -> [(name: String, checksum: String)] {
    _ = try flush()
    return try [
      (folder.trajectory(rung: rung), folder.growingTrajectory(rung: rung)),
      (folder.energies(rung: rung), folder.energies(rung: rung)),
    ].map { ($0.components(separatedBy: "/").last ?? $0, try checksum(path: $1)) }
  }

  /// Gives the trajectory its name.
  func complete() throws {
    _ = try flush()
    try renameDurably(
      from: folder.growingTrajectory(rung: rung), to: folder.trajectory(rung: rung))
  }

  private func write() throws {
    try trajectory.append(
      coordinates, times: times, chains: chains,
      temperatures: temperature.map { [Double](repeating: $0, count: times.count) })
    try table.append(rows)
    (coordinates, times, chains, rows) = ([], [], [], "")
  }
}
