import Molecules
import Runs

extension TrainedModel {
  /// The order in which the model places the atoms of a molecule; nil if it is a model of another
  /// one.
  ///
  /// A Cartesian model, which places all at once, is known by its number of atoms alone.
  func atomOrder(for topology: Topology) -> AtomOrder? {
    guard case .internal(let representation) = representation else {
      return representation.atoms == topology.atoms ? .topology : nil
    }
    return AtomOrder.allCases.first {
      (try? BondTree(topology: topology, order: $0)) == representation.tree
    }
  }

  /// Checks that the model is one of a molecule.
  ///
  /// - Parameter path: The model's file.
  /// - Throws: `RunError.badData` when it is of another one.
  func checkMolecule(_ system: MolecularSystem, path: String) throws(RunError) {
    guard atomOrder(for: system.topology) == nil else { return }
    throw .badData(
      path: path,
      problem: "is a model of another molecule than \(system.description.name), with "
        + "\(representation.atoms) atoms placed in another order")
  }

  /// The error for a model of Cartesian coordinates, which has no density of a conformation by itself.
  static func cartesianError(path: String) -> RunError {
    .badData(
      path: path,
      problem: "is a model of Cartesian coordinates, whose density depends on how a conformation "
        + "is turned; train one of internal coordinates")
  }

  /// Reads the model of a file for a system of its molecule.
  ///
  /// Weights are those of the system's energy, whatever the model was trained for; a warning says
  /// that it was another one.
  /// - Throws: `RunError.badData` for another molecule, and what reading the model throws.
  package init(path: String, for system: MolecularSystem, context: RunContext) throws {
    try self.init(path: path)
    try checkMolecule(system, path: path)
    if let (key, found, wanted) = try ModelTarget(of: system).difference(from: notes) {
      context.log.warning(
        """
        \(path): was trained for another energy: its \(key) is \(found), the system's is \(wanted); \
        the weights are for the system's
        """)
    }
  }
}
