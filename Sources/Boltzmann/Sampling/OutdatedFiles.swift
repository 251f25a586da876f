import Foundation

/// Removes the tables that `reweight` has written beside a table for other energies and
/// temperatures, "weights.AL3-obc2.310K.csv": they are of samples that are replaced.
func removeTablesOfTargets(beside table: String) {
  let (folder, name) = (
    (table as NSString).deletingLastPathComponent, (table as NSString).lastPathComponent
  )
  let start = (name.hasSuffix(".csv") ? String(name.dropLast(4)) : name) + "."
  let place = folder.isEmpty ? "." : folder
  let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
  for name in names where name.hasPrefix(start) && name.hasSuffix("K.csv") {
    try? FileManager.default.removeItem(atPath: "\(place)/\(name)")
  }
}
