import Foundation
import Molecules
import Runs

/// What `simulation.yaml` holds: all that is needed to repeat or resume a simulation.
package struct SimulationRecord: RunRecord {
  package let program: String
  /// The instructions that the lanes run with; others can differ in the last digits.
  package let instructions: String
  package let system: String
  package let topology: InputFile
  package let description: InputFile
  package let start: InputFile
  /// The model of a flow whose proposals the chains may jump to; nil for plain dynamics.
  package let proposals: InputFile?
  package let settings: SimulationSettings

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

  /// What a simulation began to compute, its inputs checked to be what they were.
  ///
  /// Warns when it began with other instructions.
  /// - Throws: `RunError`.
  package static func resumed(
    _ folder: SimulationFolder, context: RunContext
  ) throws -> SimulationRecord {
    let record = try read(path: folder.record)
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
