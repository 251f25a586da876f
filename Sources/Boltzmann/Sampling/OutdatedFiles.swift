import Foundation
import Runs
import TensorFiles

/// Removes the tables that `reweight` has written beside a table for other energies and
/// temperatures, "weights.AL3-obc2.310K.csv": they are of samples that are replaced.
func removeTablesOfTargets(beside table: String) {
  let (folder, name) = (
    (table as NSString).deletingLastPathComponent, (table as NSString).lastPathComponent
  )
  let start = (name.hasSuffix(".csv") ? String(name.dropLast(4)) : name) + "."
  remove(from: folder) { $0.hasPrefix(start) && $0.hasSuffix("K.csv") }
}

extension RunFolder {
  /// Removes all figures and histograms of evaluations if the run's table of weights has another
  /// text: after a training that went on they are those of the old model.
  func removeEvaluations(unlessWeightsAre text: String) {
    guard let old = try? readText(path: weights), old != text else { return }
    remove(from: path) { name in
      (name.hasPrefix("evaluation") && name.hasSuffix(".json"))
        || (name.hasPrefix("histograms") && name.hasSuffix(".csv"))
    }
  }
}

private func remove(from folder: String, where isOutdated: (String) -> Bool) {
  let folder = folder.isEmpty ? "." : folder
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  for name in names where isOutdated(name) {
    try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
  }
}
