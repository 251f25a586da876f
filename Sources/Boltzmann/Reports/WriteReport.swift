import Reporting
import Runs

/// Writes the report of a run into its folder; a report that cannot be written is a warning.
package func writeRunReport(
  in folder: RunFolder, record: MoleculeRecord? = nil, context: RunContext
) {
  writeReport(to: folder.report, context: context) {
    try runReport(of: folder, record: record, context: context)
  }
}

/// Writes the report of a simulation into its folder; a report that cannot be written is a warning.
package func writeSimulationReport(in folder: SimulationFolder, context: RunContext) {
  writeReport(to: folder.report, context: context) {
    try simulationReport(of: folder, context: context)
  }
}
