import Runs
import TensorFiles

extension RunFolder {
  /// Writes the record, and a checkpoint of step 6 that knows its settings.
  package func begin(_ record: some TrainingRecord) throws {
    try record.write(path: self.record)
    var checkpoint = Safetensors()
    checkpoint.metadata = ["settings": try record.trained.text]
    checkpoint.tensors = ["a": StoredTensor(shape: [1], values: [1])]
    try checkpoint.write(path: self.checkpoint(step: 6))
  }
}
