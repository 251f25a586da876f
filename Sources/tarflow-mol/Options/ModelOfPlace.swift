import ArgumentParser
import Boltzmann
import Logging
import Runs

extension SystemsOption {
  /// A model that belongs to no run, and its system.
  ///
  /// - Parameter name: The system of a model's file; that of a system is its own.
  /// - Throws: What reading them throws; `ValidationError` where the name is missing or too many.
  func model(
    _ place: ModelPlace, system name: String?, context: RunContext
  ) throws -> (model: TrainedModel, system: MolecularSystem) {
    let system = try molecule(of: place, named: name, log: context.log)
    guard case .file(let path) = place else { return (try system.pretrainedModel(), system) }
    return (try TrainedModel(path: path, for: system, context: context), system)
  }

  /// The system of a model: that of a run or a folder, or of a file the one that is named.
  /// - Throws: What reading it throws; `ValidationError` where the name is missing or too many.
  func molecule(
    of place: ModelPlace, named name: String?, log: Logger
  ) throws -> MolecularSystem {
    switch place {
    case .run(let folder):
      return try record(of: folder, system: name, log: log).readSystem()
    case .system(let folder):
      guard name == nil else {
        throw ValidationError("\(folder) is a system itself; leave --system out")
      }
      return try MolecularSystem(folder: folder)
    case .file(let path):
      guard let name else {
        throw ValidationError("\(path) does not say of which system it is; add --system")
      }
      return try read(name)
    }
  }
}
