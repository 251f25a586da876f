import Flow
import Kernels

extension RunFolder {
  /// The state in the newest checkpoint that can be read, nil if there is none.
  ///
  /// - Parameter trained: The settings of the training that is to go on.
  /// - Throws: What is wrong with the oldest checkpoint when none can be read;
  ///   `RunError.configuration` when a checkpoint was trained with other settings.
  package func resumedState(
    of flow: TarFlow, trained: RecordedSettings = .none, context: RunContext
  ) throws -> TrainingState? {
    try agreed(in: self, context.ranks) {
      try newestState(of: flow, trained: trained, context: context)
    }
  }

  private func newestState(
    of flow: TarFlow, trained: RecordedSettings, context: RunContext
  ) throws -> TrainingState? {
    let saved = savedSteps()
    for (step, path) in saved {
      let checkpoint: Checkpoint
      do {
        checkpoint = try Checkpoint(path: path)
      } catch {
        if path == saved.last?.path { throw error }
        context.log.warning("\(error); trying the checkpoint before")
        continue
      }
      try trained.check(checkpoint.notes, step: step, record: record)
      guard checkpoint.flow == flow.configuration else {
        throw RunError.badData(path: path, problem: "belongs to another flow configuration")
      }
      context.log.info("resuming from step \(step)")
      return checkpoint.state
    }
    return nil
  }
}
