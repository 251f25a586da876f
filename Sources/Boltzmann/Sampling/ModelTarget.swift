import Runs

/// Which energy a model was trained for, as its file says it.
///
/// Weights of proposals mean nothing with another energy.
package struct ModelTarget: Equatable, Sendable {
  private static let keys = (
    topology: "topology_fnv1a", temperature: "temperature_K", solvent: "implicit_solvent"
  )
  /// The metadata of a model's file, by key.
  package let notes: [String: String]

  /// The energy of a system.
  /// - Throws: `RunError.missing` when its topology is not there.
  package init(of system: MolecularSystem) throws {
    let solvent = try system.description.solvent(path: system.descriptionPath)
    notes = [
      Self.keys.topology: try InputFile(path: system.topologyPath).fnv1a,
      Self.keys.temperature: "\(system.description.temperature)",
      Self.keys.solvent: "\(solvent.model.rawValue), \(solvent.solventDielectric), "
        + "\(solvent.soluteDielectric), \(solvent.surfaceArea)"
        + (solvent.inverseDebyeLength > 0 ? ", κ \(solvent.inverseDebyeLength)" : ""),
    ]
  }

  /// Checks that a model was trained for this energy.
  /// - Throws: `RunError.badData` naming the first difference.
  func check(_ found: [String: String], path: String) throws(RunError) {
    guard let (key, found, wanted) = difference(from: found) else { return }
    throw .badData(
      path: path,
      problem: "is a model for another energy: its \(key) is \(found), the system's is \(wanted); "
        + "train one for this system")
  }

  /// The first difference of what a model's file says from this energy; nil if there is none.
  func difference(
    from found: [String: String]
  ) -> (key: String, found: String, wanted: String)? {
    for (key, wanted) in notes.sorted(by: { $0.key < $1.key }) where found[key] != wanted {
      return (key, found[key] ?? "not said", wanted)
    }
    return nil
  }
}
