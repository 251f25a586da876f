import Foundation
import Runs
import TensorFiles

/// Where a trained model lies, as people name it.
package enum ModelPlace: Equatable, Sendable {
  case run(RunFolder)
  /// The folder of a system that holds a model.
  case system(String)
  /// The model's own file.
  case file(String)

  /// Finds out what a name or path means: a run, a file, or a system by its folder or name, in this
  /// order (`ModelPlaceTests`).
  ///
  /// - Parameter systems: The folder of systems; nil for the one that is found.
  /// - Throws: `RunError.missing` when it is none of them.
  package init(_ place: String, systems: String? = nil) throws(RunError) {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
    if RunFolder.isRun(place) {
      self = .run(RunFolder(path: place))
    } else if isThere, !isFolder.boolValue {
      self = .file(place)
    } else if let folder = try? findSystem(place, .molecule, in: systems, advice: "") {
      self = .system(folder)
    } else {
      let near = suggestion(for: place, among: knownSystems(.molecule, in: systems))
      throw .missing(
        what: "run folder, system or model", path: place, advice: Self.advice + near)
    }
  }

  private static let advice =
    "name a run that has a checkpoint (`tarflow-mol train` writes one), a system with a model, or a "
    + ".safetensors file"

  /// What people call it: a folder or a file.
  package var path: String {
    switch self {
    case .run(let folder): folder.path
    case .system(let path), .file(let path): path
    }
  }

  /// Whether it is a model that belongs to no run: a system, or a file of weights.
  package var isModel: Bool {
    switch self {
    case .run: false
    case .system: true
    case .file(let path): (try? FileKind(path: path)) == .safetensors
    }
  }

  /// The model's file.
  /// - Throws: `RunError.missing` when it is not there.
  package func modelPath() throws(RunError) -> String {
    let path =
      switch self {
      case .run(let folder): folder.model
      case .system(let folder): "\(folder)/\(pretrainedModelFile)"
      case .file(let path): path
      }
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missing(what: "trained model", path: path, advice: Self.advice)
    }
    return path
  }
}
