import Reporting
import Runs

extension SimulationFolder {
  /// What there is to say of a simulation.
  /// - Throws: `RunError`.
  package func facts() throws -> [Fact] {
    let record = try SimulationRecord.read(in: self)
    let settings = record.settings
    return [
      ("kind", .text("simulation")), ("program", .text(record.program)),
      ("system", .text(record.system)), ("chains", .count(settings.chains)),
      ("time of each", .text("\(PhysicalTime(picoseconds: settings.time))")),
      (
        "temperatures K", .text(settings.temperatures.map { $0.fixed(1) }.joined(separator: " "))
      ),
      ("time step", .text("\(PhysicalTime(picoseconds: settings.timeStep))")),
      ("seed", .text("\(settings.seed)")), ("frames", .count(settings.frames)),
      ("trajectory", .text(isComplete ? "complete" : "not yet complete")),
    ]
  }
}
