import Flow
import Foundation
import Molecules
import Runs
import Yams

/// A trained model whose weights another training begins with.
///
/// Its network and the scales of its coordinates are those of the new training; temperature, force
/// field and frames can be others.
package struct InitialModel {
  /// The model's file.
  package let path: String
  let trained: TrainedModel

  /// Reads a model.
  ///
  /// - Parameter place: A run folder, or a model's file.
  /// - Throws: `RunError.missing`, and what reading a model throws.
  package init(_ place: String) throws {
    path = absolutePath(RunFolder.isRun(place) ? RunFolder(path: place).model : place)
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunError.missing(
        what: "model to begin with", path: path,
        advice: "name a run that has a checkpoint, a system with a model, or a .safetensors file")
    }
    trained = try TrainedModel(path: path)
  }

  /// The settings that the model decides, for a molecule.
  /// - Throws: `RunError.badData` when the model is for another molecule.
  package func layer(for molecule: MolecularSystem) throws -> ConfigurationLayer {
    var settings = [
      "representation: \(trained.representation.kind.rawValue)",
      "flow:\n" + indented(try yamlText(trained.flow.configuration.network)),
    ]
    if case .internal(let representation) = trained.representation {
      let order = AtomOrder.allCases.first {
        (try? BondTree(topology: molecule.topology, order: $0)) == representation.tree
      }
      guard let order else { throw unfit(molecule) }
      settings.append("atom_order: \(order.rawValue)")
    } else if trained.representation.atoms != molecule.topology.atoms {
      throw unfit(molecule)
    }
    return ConfigurationLayer(
      source: "the model \(path)",
      settings: try Yams.compose(yaml: settings.joined(separator: "\n")) ?? [:])
  }

  /// Checks that a configuration has the model's network.
  /// - Throws: `RunError.configuration`.
  func check(_ configuration: RunConfiguration) throws(RunError) {
    guard configuration.flow == trained.flow.configuration.network,
      configuration.representation == trained.representation.kind
    else {
      throw .configuration(
        source: "configuration",
        problem: "its network is not that of \(path), whose weights it is to begin with; leave the "
          + "settings of flow and representation out")
    }
  }

  private func unfit(_ molecule: MolecularSystem) -> RunError {
    .badData(
      path: path,
      problem: "is a model of another molecule than \(molecule.description.name), with "
        + "\(trained.representation.atoms) atoms placed in another order")
  }
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
}
