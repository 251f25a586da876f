import Foundation
import Logging
import Runs
import Yams

/// A way to train a system: `recipes/NAME.yaml` in its folder, with what it learns from and the
/// settings that differ from the defaults.
package struct Recipe {
  package let name: String
  let path: String
  /// The time of a simulation of its own, as people write it.
  let simulate: String?
  /// "energy" for a training without a trajectory.
  let from: String?
  private let settings: Node?
  /// Settings of the simulation, as those of `simulation.yaml`.
  private let simulation: Node?

  /// - Throws: `RunError.missing` naming the recipes that there are, or `.configuration`.
  package init(_ name: String, of system: MolecularSystem) throws {
    let folder = "\(system.folder)/recipes"
    path = "\(folder)/\(name).yaml"
    self.name = name
    guard FileManager.default.fileExists(atPath: path) else {
      let names = Recipe.names(in: folder).joined(separator: ", ")
      throw RunError.missing(
        what: "recipe '\(name)' of \(system.description.name)", path: path,
        advice: names.isEmpty ? "the system has none" : "the system has \(names)")
    }
    let node = try readYAML(path: path, what: "recipe")
    if let node, node.mapping == nil {
      throw RunError.configuration(source: path, problem: "expected lines of KEY: value")
    }
    let known = ["description", "simulate", "simulation", "from", "settings"]
    for key in node?.mapping?.keys.compactMap(\.string) ?? [] where !known.contains(key) {
      throw RunError.configuration(
        source: path, problem: "unknown key '\(key)', expected \(known.joined(separator: ", "))")
    }
    let path = path
    func word(_ key: String) throws -> String? {
      guard let value = node?.mapping?[Node(key)] else { return nil }
      guard let word = value.scalar?.string else {
        throw RunError.configuration(source: path, problem: "'\(key)' is no word")
      }
      return word
    }
    simulate = try word("simulate")
    from = try word("from")
    settings = node?.mapping?["settings"]
    simulation = node?.mapping?["simulation"]
  }

  /// The names of the recipes in a folder, sorted.
  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// What it sets.
  package var layers: [ConfigurationLayer] {
    settings.map { [ConfigurationLayer(source: path, settings: $0)] } ?? []
  }

  /// What it sets of a simulation of its own.
  package var simulationLayers: [ConfigurationLayer] {
    simulation.map { [ConfigurationLayer(source: "\(path), simulation", settings: $0)] } ?? []
  }

  /// What it learns from; nil where that is the system's own trajectories.
  /// - Throws: `RunError.configuration`.
  package func source() throws(RunError) -> FrameSource? { try FrameSource(recipe: self) }
}

extension RunConfiguration {
  /// The settings of a training: the program's, what internal coordinates allow, then the system's,
  /// those of its source, the recipe's, of the model it begins with, and others, the later winning.
  ///
  /// - Parameter log: Is told which settings have other values because the others do not fit internal
  ///   coordinates; nil to say nothing.
  /// - Throws: `RunError`.
  package static func resolved(
    for molecule: MolecularSystem, from source: FrameSource, recipe: Recipe?,
    initial: InitialModel? = nil, others: [ConfigurationLayer], log: Logger? = nil
  ) throws -> RunConfiguration {
    var layers = [try ConfigurationLayer(defaultsOf: molecule.descriptionPath)].compactMap { $0 }
    if case .energy = source {
      layers.append(try .fromEnergy(temperature: molecule.description.temperature))
    }
    layers += recipe?.layers ?? []
    if let initial { layers.append(try initial.layer(for: molecule)) }
    let known = layers
    layers += others
    let plain = try resolveConfiguration(RunConfiguration(), layers: layers)
    if plain.allowsInternalDefaults {
      layers.insert(try .internalCoordinates(), at: 0)
    } else if let log,
      (try? resolveConfiguration(RunConfiguration(), layers: known))?.allowsInternalDefaults == true
    {
      let changed = try plain.internalDefaultsLeft(by: layers)
      if !changed.isEmpty {
        log.notice(
          """
          without one block of mixtures in internal coordinates other defaults hold: \
          \(changed.joined(separator: ", "))
          """)
      }
    }
    var configuration = try resolveConfiguration(RunConfiguration(), layers: layers)
    // A run that is resumed elsewhere goes on with the precision that it began with.
    configuration.training.precision = configuration.training.precision.resolved
    try initial?.check(configuration)
    return configuration
  }

  /// Whether the settings of ``ConfigurationLayer/internalCoordinates()`` fit.
  private var allowsInternalDefaults: Bool {
    representation == .internal && flow.transform == .mixture && flow.blocks == 1
      && flow.startToken && flow.orders.allSatisfy { $0 == Array($0.indices) }
  }

  /// What these settings have in place of ``ConfigurationLayer/internalCoordinates()``, as
  /// "flow.periodic=false", the settings apart that a layer has.
  private func internalDefaultsLeft(by layers: [ConfigurationLayer]) throws -> [String] {
    let defaults = try ConfigurationLayer.internalCoordinates()
    return try describedSettings().filter { described in
      let key = described.setting.key
      return defaults.sets(key) && !layers.contains { $0.sets(key) }
    }.map { "\($0.setting.key)=\($0.standard)" }
  }
}
