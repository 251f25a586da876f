import Evaluation
import Runs

extension MoleculeRecord {
  /// How the run is evaluated: with the clip of its last reweighting, if there was one.
  /// - Throws: `RunError.badData`.
  package func evaluationOptions(in folder: RunFolder) throws -> EvaluationOptions {
    var options = configuration.evaluation
    if let clip = try Weighting.read(path: folder.weighting)?.clip {
      options.clippedFraction = clip
    }
    return options
  }

  /// Takes the next indices of the run's random stream (``DrawnStream``); the caller holds the
  /// lock.
  /// - Throws: `RunError.badData`, `FileError.unwritable`.
  package func takeIndices(_ count: Int, in folder: RunFolder) throws -> Int {
    try DrawnStream.take(
      count, seed: seed, path: folder.drawn, samples: folder.samples, weights: folder.weights,
      trained: configuration.sampling.count)
  }

  /// Takes the next indices under the run's lock.
  /// - Throws: `RunError.unwritable` when another process works on the run.
  package func lockAndTakeIndices(_ count: Int, in folder: RunFolder) throws -> Int {
    do {
      return try withLock(on: folder.path) { try takeIndices(count, in: folder) }
    } catch RunError.unwritable(let path, let reason) {
      throw RunError.unwritable(
        path: path, reason: "\(reason); or draw with another seed, which needs no record")
    }
  }

  /// The trajectory that the run is compared with.
  ///
  /// - Parameter advice: What to do where there is none.
  /// - Throws: `RunError.missing` when it has none.
  package func referencePath(
    in folder: RunFolder, advice: String = "name one, such as a simulation of the system"
  ) throws(RunError) -> String {
    guard let reference else {
      throw .missing(
        what: "reference trajectory of the run", path: folder.record, advice: advice)
    }
    return reference.path
  }
}
