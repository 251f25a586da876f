import Flow
import Foundation
import Runs

/// Writes the flows of several models into one file, a mixture in equal parts.
///
/// The file is a model like any other: what draws from it, weighs and evaluates needs to know nothing
/// of the parts.
///
/// - Parameters:
///   - places: Runs, systems with a model and models' files; those of a mixture give all its flows.
///   - system: That of the models.
///   - output: The file.
/// - Returns: How many flows it has.
/// - Throws: `RunError.badData` for a model of another molecule or energy, of Cartesian coordinates,
///   or with other labels of equal hydrogens than the first; `RunError.configuration` for a model that
///   is named twice; what reading and writing throw.
package func mixModels(
  _ places: [ModelPlace], of system: MolecularSystem, to output: String
) throws -> Int {
  let target = try ModelTarget(of: system)
  let paths = try places.map { try $0.modelPath() }
  var labels: [Int]?
  for (index, path) in paths.enumerated() {
    guard !paths[..<index].contains(where: { absolutePath($0) == absolutePath(path) }) else {
      throw RunError.configuration(
        source: path, problem: "is named twice, but the flows of a mixture are different ones")
    }
    for model in try TrainedModel(path: path).members {
      try target.check(model.notes, path: path)
      try model.checkMolecule(system, path: path)
      guard case .internal = model.representation else {
        throw TrainedModel.cartesianError(path: path)
      }
      let own = FlowLabels(model.representation, of: system).handedness
      guard own == labels ?? own else {
        throw RunError.badData(
          path: path,
          problem: "numbers equal hydrogens in another sense than \(paths[0]), so that both know "
            + "different conformations; train them on frames of one source")
      }
      labels = own
    }
  }
  return try TrainedFlow.writeMixture(of: paths, notes: target.notes, to: output)
}
