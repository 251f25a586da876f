import Kernels
import TensorFiles

/// The record of a training run.
package protocol TrainingRecord: RunRecord {
  var arithmetic: Arithmetic { get }
  /// The arithmetic of the training's large products.
  var precision: Precision { get }
  var seed: UInt64 { get }
  /// The settings that the training depends on.
  var trained: TrainedSettings { get throws }
}

extension TrainingRecord {
  /// The record of a run, whose settings are those that it was trained with, as far as its newest
  /// checkpoint tells (`RecordMutationTests`, `ImageRunTests`).
  ///
  /// - Throws: `RunError`, `.configuration` naming the first setting that was changed.
  package static func read(in folder: RunFolder) throws -> Self {
    let record = try read(path: folder.record)
    if let (step, path) = folder.savedSteps().first,
      let notes = try? Safetensors.metadata(path: path)
    {
      try record.trained.check(notes, step: step, record: folder.record)
    }
    return record
  }
}
