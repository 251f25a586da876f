import Foundation
import Runs

/// Checks that a folder is no run and no simulation, whose own files those of an export or a report
/// would replace.
/// - Throws: `RunError.exists`.
package func checkNoRun(_ folder: String) throws(RunError) {
  let isSimulation = FileManager.default.fileExists(atPath: SimulationFolder(path: folder).record)
  guard isSimulation || RunFolder.isRun(folder) else { return }
  throw .exists(
    path: folder,
    advice: "it is a \(isSimulation ? "simulation" : "run"), whose files others would replace; "
      + "choose another name")
}
