import Foundation
import Molecules
import Reporting
import Runs
import Trajectories

/// The files that grow while a simulation runs: its frames and the table of their energies.
final class SimulationOutput {
  static let header = "frame,time_ps,chain,walker,potential_kJ_mol,kinetic_kJ_mol,temperature_K\n"

  /// Coordinates that are held back before they are written: 4 MB.
  private static let bufferedCoordinates = 500_000

  private let folder: SimulationFolder
  private let trajectory: GrowingTrajectory
  private let table: FileHandle
  private var tableBytes: Int
  /// What has not been written yet.
  private var coordinates: [Double] = []
  private var times: [Double] = []
  private var chains: [Int32] = []
  private var rows = ""

  /// New files, or those of a simulation that goes on after so many frames and bytes.
  init(
    _ folder: SimulationFolder, atoms: Int, frames: Int, tableBytes: Int, title: String,
    version: String
  ) throws {
    self.folder = folder
    trajectory =
      frames > 0
      ? try GrowingTrajectory(reopening: folder.growingTrajectory, atoms: atoms, frames: frames)
      : try GrowingTrajectory(
        creating: folder.growingTrajectory, atoms: atoms, programVersion: version,
        title: title)
    if tableBytes == 0 { try writeText(Self.header, path: folder.energies) }
    self.tableBytes = max(tableBytes, Self.header.utf8.count)
    guard let table = FileHandle(forUpdatingAtPath: folder.energies),
      try table.seekToEnd() >= UInt64(self.tableBytes)
    else {
      throw RunError.badData(
        path: folder.energies,
        problem:
          "has fewer than the \(self.tableBytes) bytes that the checkpoint counts; start anew")
    }
    self.table = table
    try table.truncate(atOffset: UInt64(self.tableBytes))
  }

  deinit { try? table.close() }

  /// Adds the frame of every chain, that of the walker at the first temperature.
  func add(
    _ walkers: Walkers, _ exchange: ReplicaExchange, _ dynamics: LangevinDynamics, time: Double
  ) throws {
    for chain in 0..<exchange.ladders {
      let walker = exchange.walker(onRung: 0, ofLadder: chain)
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

  /// Waits until all is on the disk; returns the frames and the bytes of the table.
  func flush() throws -> (frames: Int, tableBytes: Int) {
    try write()
    try trajectory.flush()
    do {
      try table.synchronize()
    } catch {
      throw RunError.unwritable(path: folder.energies, reason: systemReason(error))
    }
    return (trajectory.frames, tableBytes)
  }

  /// Gives the trajectory its name.
  func complete() throws {
    _ = try flush()
    guard rename(folder.growingTrajectory, folder.trajectory) == 0 else {
      throw RunError.unwritable(
        path: folder.trajectory, reason: String(cString: strerror(errno)))
    }
  }

  private func write() throws {
    try trajectory.append(coordinates, times: times, chains: chains)
    let bytes = Data(rows.utf8)
    do {
      try table.write(contentsOf: bytes)
    } catch {
      throw RunError.unwritable(path: folder.energies, reason: systemReason(error))
    }
    tableBytes += bytes.count
    (coordinates, times, chains, rows) = ([], [], [], "")
  }
}
