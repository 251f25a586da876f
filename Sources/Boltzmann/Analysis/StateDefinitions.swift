import Kernels
import Molecules
import Runs
import Trajectories
import Yams

/// The states and quantities that an analysis is of.
package struct StateDefinitions: Equatable, Sendable {
  /// A quantity with the name that it is shown by.
  package struct Observable: Equatable, Sendable {
    package let name: String
    package let quantity: Quantity
  }

  package var states: [ConformationState]
  package var observables: [Observable]

  /// Those that every peptide has.
  ///
  /// Of each residue with φ and ψ: alpha, φ in [−180°, 0), ψ in [−120°, 50°); PPII, φ in
  /// [−110°, 0), ψ in [50°, 240°); beta, φ in [−180°, −110°), ψ in [50°, 240°); left, φ ≥ 0. Together
  /// they are all conformations (`ConformationStateTests`). A residue with φ alone has left. Of each
  /// peptide bond: cis, ω in [−90°, 90°). The quantities are the radius of gyration and the distance
  /// between the ends.
  package init(builtInFor topology: Topology) throws(RunError) {
    let reader = QuantityReader(topology)
    var (states, observables): ([(String, String)], [(String, String)]) = ([], [("rg", "rg")])
    for residue in topology.residueNames.indices
    where reader.torsion("phi", of: residue) != nil {
      let (label, number) = (reader.label(residue), residue + 1)
      if reader.torsion("psi", of: residue) != nil {
        states += [
          (
            "alpha \(label)",
            "phi \(number) in [-180, 0) and psi \(number) in [-120, 50)"
          ),
          ("beta \(label)", "phi \(number) in [-180, -110) and psi \(number) in [50, 240)"),
          ("PPII \(label)", "phi \(number) in [-110, 0) and psi \(number) in [50, 240)"),
        ]
      }
      states.append(("left \(label)", "phi \(number) in [0, 180)"))
    }
    for residue in topology.residueNames.indices
    where reader.torsion("omega", of: residue) != nil {
      let next = residue + 1 < topology.residueNames.count ? reader.label(residue + 1) : ""
      states.append(("cis \(reader.label(residue))-\(next)", "omega \(residue + 1) in [-90, 90)"))
    }
    if (try? reader.quantity("end_to_end")) != nil {
      observables.append(("end_to_end", "end_to_end"))
    }
    try self.init(states: states, observables: observables, source: "built-in states", reader)
  }

  /// The built-in ones, those of the system's description, and those of a file.
  ///
  /// - Throws: `RunError.configuration`, one line that names the state.
  package init(of system: MolecularSystem, file: String?) throws {
    self = try StateDefinitions(builtInFor: system.topology)
    if system.description.states != nil || system.description.observables != nil {
      self = adding(
        try StateDefinitions(
          path: system.descriptionPath, isDescription: true, topology: system.topology))
    }
    if let file { self = adding(try StateDefinitions(path: file, topology: system.topology)) }
  }

  /// The mappings `states` and `observables` of a YAML file, in their order; other keys of a
  /// system's description are left alone.
  ///
  /// - Parameter isDescription: Whether the file may hold other keys.
  /// - Throws: `RunError.configuration`, one line that names the state.
  package init(path: String, isDescription: Bool = false, topology: Topology) throws {
    let node = try readYAML(path: path, what: isDescription ? "system description" : "states file")
    let keys = ["states", "observables"]
    if !isDescription {
      let found = node?.mapping?.keys.map { $0.string ?? "" } ?? []
      for key in found where !keys.contains(key) {
        throw RunError.configuration(
          source: path,
          problem: "unknown key '\(key)'\(suggestion(for: key, among: keys, listing: true))")
      }
      guard !found.isEmpty else {
        throw RunError.configuration(
          source: path,
          problem: "holds neither states nor observables, such as "
            + "'states: {left: phi 2 >= 0}'")
      }
    }
    func entries(_ key: String) throws -> [(String, String)] {
      guard let value = node?.mapping?[key] else { return [] }
      guard let mapping = value.mapping else {
        throw RunError.configuration(
          source: path, problem: "\(key) is no mapping of names to definitions")
      }
      return try mapping.map { name, definition in
        guard let name = name.string, let scalar = definition.scalar else {
          throw RunError.configuration(
            source: path, problem: "\(key) has a definition that is no text")
        }
        // An empty value is YAML's null.
        return (name, ["~", "null"].contains(scalar.string) ? "" : scalar.string)
      }
    }
    try self.init(
      states: try entries("states"), observables: try entries("observables"), source: path,
      QuantityReader(topology))
  }

  private init(
    states: [(String, String)], observables: [(String, String)], source: String,
    _ reader: QuantityReader
  ) throws(RunError) {
    (self.states, self.observables) = ([], [])
    for (name, definition) in states {
      do throws(DefinitionProblem) {
        self.states.append(
          try ConformationState(name: name, definition: definition, reader: reader))
      } catch {
        throw .configuration(source: source, problem: "state '\(name)': \(error.text)")
      }
    }
    for (name, definition) in observables {
      do throws(DefinitionProblem) {
        self.observables.append(
          Observable(name: name, quantity: try reader.quantity(definition)))
      } catch {
        throw .configuration(source: source, problem: "observable '\(name)': \(error.text)")
      }
    }
  }

  /// All of these and of others; of two with one name the other's counts.
  package func adding(_ other: StateDefinitions) -> StateDefinitions {
    var all = self
    all.states.removeAll { state in other.states.contains { $0.name == state.name } }
    all.observables.removeAll { old in other.observables.contains { $0.name == old.name } }
    all.states += other.states
    all.observables += other.observables
    return all
  }

  /// Whether each frame is in each state, 1 or 0, [states][frames].
  package func memberships(in trajectory: Trajectory, execution: Execution) -> [[Double]] {
    // Many states have a torsion in common.
    var quantities: [Quantity] = []
    let places = states.map { state in
      state.conditions.map { condition -> Int in
        if let known = quantities.firstIndex(where: { $0.kind == condition.quantity.kind }) {
          return known
        }
        quantities.append(condition.quantity)
        return quantities.count - 1
      }
    }
    let measured = values(of: quantities, in: trajectory, execution: execution)
    return zip(states, places).map { state, places in
      state.membership(places.map { measured[$0] })
    }
  }
}
