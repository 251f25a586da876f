import Kernels
import Runs

extension Simulation {
  /// Tells the other ranks, which `follow`, what the first one simulates.
  ///
  /// - Parameters:
  ///   - record: That of the simulation; nil when there is none to follow any more.
  ///   - folder: The folder, which all ranks see.
  /// - Throws: What cannot be written as YAML.
  package static func announce(
    _ record: SimulationRecord?, in folder: SimulationFolder? = nil, _ ranks: Ranks
  ) throws {
    guard try SimulationRecord.ofFirst(record, ranks) != nil, let folder else { return }
    _ = ranks.bytesOfFirst(Array(absolutePath(folder.path).utf8))
  }

  /// Takes part in a simulation that the first rank announces, to its end.
  ///
  /// - Returns: Whether there was one.
  /// - Throws: As `init` and `run`.
  package static func follow(_ context: RunContext) throws -> Bool {
    guard let record = try SimulationRecord.ofFirst(nil, context.ranks) else { return false }
    let folder = SimulationFolder(
      path: String(decoding: context.ranks.bytesOfFirst(nil), as: UTF8.self))
    let simulation = try Simulation(
      record, system: try record.readSystem(), context: context)
    _ = try simulation.run(in: folder)
    return true
  }
}
