import Kernels
import TensorFiles

/// The record of a training run.
package protocol TrainingRecord: RunRecord {
  var arithmetic: Arithmetic { get }
  /// The arithmetic of the training's large products.
  var precision: Precision { get }
  var seed: UInt64 { get }
  /// The settings that the training depends on.
  var trained: RecordedSettings { get throws }
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

extension RecordedSettings {
  /// The name of the checkpoints' metadata that they are in.
  static let note = "settings"

  /// Checks that a checkpoint was trained with these settings; one that does not say it fits.
  ///
  /// A setting that only one of them knows is that of a newer program.
  /// - Throws: `RunError.configuration` naming the first key that differs, with both values.
  func check(_ notes: [String: String], step: Int, record: String) throws(RunError) {
    guard let text = notes[Self.note], let (key, now, then) = difference(from: text) else { return }
    throw .configuration(
      source: record,
      problem: "\(key) is \(now), but the run was trained with \(then) up to step \(step); "
        + "restore it, or start a new run")
  }
}
