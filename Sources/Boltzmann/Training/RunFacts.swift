import Foundation
import Reporting
import Runs

extension RunFolder {
  /// What there is to say of a molecule's run.
  /// - Throws: `RunError`.
  package func facts() throws -> [Fact] {
    let record = try MoleculeRecord.read(in: self)
    let stages = [("samples", samples), ("evaluation", evaluation)]
    return [
      ("kind", .text("run folder")), ("program", .text(record.program)),
      ("system", .text(record.system)), ("training", .text(record.training.path)),
      ("reference", .text(record.reference?.path ?? "none")),
      (
        "held out", .text(record.heldOut.map { "frames \($0.first) to \($0.end - 1)" } ?? "nothing")
      ),
      ("seed", .text("\(record.configuration.seed)")),
      ("steps", .count(record.configuration.training.steps)),
      ("newest checkpoint", .count(savedSteps().first?.step ?? 0)),
    ]
      + stages.map {
        ($0, .text(FileManager.default.fileExists(atPath: $1) ? "there" : "not yet"))
      }
  }
}
