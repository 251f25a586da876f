import Flow
import Molecules
import Runs
import Yams

/// A trained model whose weights another training begins with, of a mixture those of the first flow.
///
/// Its network and the scales of its coordinates are those of the new training; temperature, force
/// field and frames can be others.
package struct InitialModel {
  /// The model's file.
  package let path: String
  let trained: TrainedModel

  /// Reads a model.
  /// - Throws: `RunError.missing`, and what reading a model throws.
  package init(_ place: ModelPlace) throws {
    path = absolutePath(try place.modelPath())
    trained = try TrainedModel(path: path)
  }

  /// The settings that the model decides, for a molecule.
  /// - Throws: `RunError.badData` when the model is for another molecule.
  package func layer(for molecule: MolecularSystem) throws -> ConfigurationLayer {
    var settings = [
      "representation: \(trained.representation.kind.rawValue)",
      "flow:\n" + indented(try yamlText(trained.flow.configuration.network)),
    ]
    try trained.checkMolecule(molecule, path: path)
    if case .internal(let representation) = trained.representation,
      let order = trained.atomOrder(for: molecule.topology)
    {
      settings.append("atom_order: \(order.rawValue)")
      settings.append("atoms_per_token: \(representation.groups.size)")
    }
    return ConfigurationLayer(
      source: "the model \(path)",
      settings: try Yams.compose(yaml: settings.joined(separator: "\n")) ?? [:])
  }

  /// Checks that a configuration has the model's network.
  /// - Throws: `RunError.configuration`.
  func check(_ configuration: RunConfiguration) throws(RunError) {
    var isSame =
      configuration.flow == trained.flow.configuration.network
      && configuration.representation == trained.representation.kind
    if case .internal(let representation) = trained.representation {
      isSame = isSame && configuration.atomsPerToken == representation.groups.size
    }
    guard isSame else {
      throw .configuration(
        source: "configuration",
        problem: "its network is not that of \(path), whose weights it is to begin with; leave the "
          + "settings of flow, representation and atoms_per_token out")
    }
  }
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
}
