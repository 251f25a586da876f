import Foundation
import Runs

/// The name of the trained model that a system's folder may hold.
let pretrainedModelFile = "model.safetensors"

extension MolecularSystem {
  /// A trained model that the system's folder holds: a run's `best.safetensors`.
  package var modelPath: String { "\(folder)/\(pretrainedModelFile)" }

  /// Reads the trained model of the system's folder, and checks that it is for this energy.
  /// - Throws: `RunError.missing` when there is none, and what reading it throws.
  package func pretrainedModel() throws -> TrainedModel {
    guard FileManager.default.fileExists(atPath: modelPath) else {
      let hasFrames = FileManager.default.fileExists(atPath: trainingPath)
      throw RunError.missing(
        what: "trained model of \(description.name)", path: modelPath,
        advice: "train one: tarflow-mol train \(description.name)"
          + (hasFrames ? "" : " --simulate 20ns") + ", and sample from its run")
    }
    let model = try TrainedModel(path: modelPath)
    try ModelTarget(of: self).check(model.notes, path: modelPath)
    return model
  }
}
