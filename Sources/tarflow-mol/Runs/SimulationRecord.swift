import Foundation
import Logging
import Molecules
import Yams

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

extension SimulationRecord {
  /// What a new simulation of a system computes.
  ///
  /// - Parameter start: The restart to begin with; the system's if nil.
  init(_ settings: SimulationSettings, system: MolecularSystem, start: String?) throws {
    let folder = system.folder
    guard let structure = start ?? system.description.start.map({ "\(folder)/\($0)" }) else {
      throw CommandError.missing(
        what: "structure to begin with", path: "\(folder)/system.yaml",
        advice: "name one there as start: FILE, or pass --start FILE, an AMBER restart")
    }
    try settings.validate()
    self.init(
      program: "tarflow-mol \(TarflowMol.version)",
      instructions: VectorInstructions.best.rawValue, system: folder,
      topology: try .init(path: "\(folder)/\(system.description.topology)"),
      description: try .init(path: "\(folder)/system.yaml"), start: try .init(path: structure),
      settings: settings)
  }
}
