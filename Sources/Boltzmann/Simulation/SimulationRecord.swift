import Molecules
import Runs
import TensorFiles

/// What `simulation.yaml` holds: all that is needed to repeat or resume a simulation.
package struct SimulationRecord: SystemRecord {
  package let program: String
  /// The instructions that the lanes run with; others can differ in the last digits.
  package let instructions: String
  package private(set) var system: String
  package private(set) var topology: InputFile
  package private(set) var description: InputFile
  package private(set) var start: InputFile
  /// The model of a flow whose proposals the chains may jump to; nil for plain dynamics.
  package private(set) var proposals: InputFile?
  package private(set) var settings: SimulationSettings

  package static let name = (record: "simulation record", writer: "tarflow-mol simulate")

  package var inputs: [InputFile] {
    [topology, description, start] + (proposals.map { [$0] } ?? [])
  }

  /// What a new simulation of a system computes.
  ///
  /// - Parameters:
  ///   - start: The restart to begin with.
  ///   - proposals: The path of a flow's model, whose proposals the chains may jump to.
  /// - Throws: `RunError`.
  package init(
    _ settings: SimulationSettings, system: MolecularSystem, start: String,
    proposals: String? = nil, context: RunContext
  ) throws {
    try settings.validate()
    program = context.program
    instructions = VectorInstructions.best.rawValue
    self.system = system.folder
    topology = try InputFile(path: system.topologyPath)
    description = try InputFile(path: system.descriptionPath)
    self.start = try InputFile(path: start)
    self.proposals = try proposals.map { try InputFile(path: $0) }
    self.settings = settings
  }

  /// The record with the simulation's own copies where the originals are gone or have changed.
  package func found(in folder: String) -> SimulationRecord {
    var record = self
    let copies = ["\(folder)/\(builtSystem)"]
    (record.system, record.topology, record.description) = systemFound(in: copies)
    record.start = start.found(in: copies)
    record.proposals = proposals?.found(in: copies)
    return record
  }

  /// The record of a simulation that takes another time, ps.
  func lasting(_ time: Double) -> SimulationRecord {
    var record = self
    record.settings.time = time
    return record
  }

  /// Copies description, topology, start and the model of proposals into the simulation's folder,
  /// unless they lie there.
  package func keepInputs(in folder: String) throws {
    let own = absolutePath(folder) + "/"
    for file in inputs where !file.path.hasPrefix(own) {
      try file.copy(to: "\(folder)/\(builtSystem)")
    }
  }

  /// The record of a simulation, whose settings are those that it ran with, as far as its
  /// checkpoint tells (`SimulationMutationTests`).
  ///
  /// - Throws: `RunError`, `.configuration` naming the first setting that was changed.
  package static func read(in folder: SimulationFolder) throws -> SimulationRecord {
    let record = try read(path: folder.record)
    try record.settings.validate()
    try SimulationCheckpoint.check(
      try RecordedSettings(record.settings, besides: []), in: folder)
    return record
  }

  /// What a simulation began to compute, its inputs checked to be what they were.
  ///
  /// Warns when it began with other instructions.
  /// - Throws: `RunError`.
  package static func resumed(
    _ folder: SimulationFolder, context: RunContext
  ) throws -> SimulationRecord {
    completeFileSets(in: folder.path)
    let record = try read(in: folder)
    try record.checkInputs()
    let own = VectorInstructions.best.rawValue
    if record.instructions != own {
      context.log.warning(
        """
        the simulation began with \(record.instructions) lanes, these are \(own): it will not go \
        on bit for bit
        """)
    }
    return record
  }
}
