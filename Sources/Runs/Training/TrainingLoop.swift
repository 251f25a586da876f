import Flow
import Foundation
import Reporting

/// The loss as `metrics.csv` and the progress show it.
package struct ShownLoss: Sendable {
  /// The columns before the learning rate, from the left: step, training loss, validation loss.
  package let columns: String
  /// What people call it.
  package let name: String
  package let decimals: Int
  /// From nats per sample.
  package let value: @Sendable (Double) -> Double

  package init(
    columns: String, name: String, decimals: Int, value: @escaping @Sendable (Double) -> Double
  ) {
    self.columns = columns
    self.name = name
    self.decimals = decimals
    self.value = value
  }

  fileprivate func text(_ nats: Double) -> String { value(nats).fixed(decimals) }
}

/// What all trainings share: steps, validations, metrics, checkpoints, the way to stop.
///
/// Of several ranks all do the same steps, and the first writes the files.
package struct TrainingLoop {
  private let run: RunFolder
  private let settings: TrainingConfiguration
  private let notes: [String: String]
  private let trained: RecordedSettings
  private let loss: ShownLoss
  private let context: RunContext

  /// - Parameters:
  ///   - notes: What the checkpoints and the model say besides the flow.
  ///   - trained: What only the checkpoints say: the settings of the training.
  package init(
    _ run: RunFolder, _ settings: TrainingConfiguration, notes: [String: String],
    trained: RecordedSettings = .none, loss: ShownLoss, context: RunContext
  ) {
    self.run = run
    self.settings = settings
    self.notes = notes
    self.trained = trained
    self.loss = loss
    self.context = context
  }

  /// Trains to the last step, from the state; a checkpoint of every state that the run may stop in
  /// is on the disk.
  ///
  /// A training that diverges goes back to the newest checkpoint that was due, or to its beginning,
  /// and on from there with a lower learning rate; this is written at once, so that a resumed
  /// training does the same (`DivergenceTests`).
  ///
  /// - Parameters:
  ///   - beginning: The state of step 0.
  ///   - validate: Returns the validation loss in nats per sample, nil when there are no samples for
  ///     it; chooses the best weights, and begins a new interval of recent losses.
  /// - Throws: `RunError.interrupted` after a checkpoint when the context says so;
  ///   `FlowError.diverged` when it has gone back as often as it may.
  package func train(
    _ trainer: inout Trainer, _ state: inout TrainingState, beginning: () -> TrainingState,
    validate: (inout Trainer, inout TrainingState) -> Double?
  ) throws {
    run.warnOfChangedMetrics(log: context.log)
    while true {
      do {
        return try goOn(&trainer, &state, validate: validate)
      } catch let error as FlowError {
        guard case .diverged(let step, _) = error, state.rewinds < Divergence.mostRewinds else {
          throw error
        }
        let rewinds = state.rewinds + 1
        state = try agreed(in: run, context.ranks) { try? dueState() } ?? beginning()
        state.rewinds = rewinds
        trainer.forgetProposals()
        context.log.warning(
          """
          the training diverged at step \(step); it goes on from step \(state.step) with a quarter \
          of the learning rate (time \(rewinds) of at most \(Divergence.mostRewinds))
          """)
        try save(state, trainer.flow.configuration)
        guard context.ranks.isFirst else { continue }
        for saved in run.savedSteps() where saved.step > state.step {
          try? FileManager.default.removeItem(atPath: saved.path)
        }
      }
    }
  }

  /// Trains to the last step, or until the loss has left every earlier one behind.
  private func goOn(
    _ trainer: inout Trainer, _ state: inout TrainingState,
    validate: (inout Trainer, inout TrainingState) -> Double?
  ) throws {
    let flow = trainer.flow.configuration
    // A run that was killed between its two files has an old model.
    let ranks = context.ranks
    if state.step > 0, ranks.isFirst {
      try Checkpoint(flow: flow, state: state, notes: notes).writeModel(path: run.model)
      removeOldCheckpoints()
    }
    let metrics =
      ranks.isFirst
      ? try MetricsFile(
        path: run.metrics, columns: loss.columns, showsESS: trainer.drawsProposals,
        resumingAt: state.step, log: context.log) : nil
    context.onProgress(WorkProgress("training", done: state.step, of: settings.steps))
    var intervalStart = (time: ContinuousClock.now, step: state.step)
    while state.step < settings.steps {
      let stepLoss = try trainer.step(&state, workers: context.execution.workers)
      var note = "\(loss.name) \(loss.text(stepLoss))"
      let isLast = state.step == settings.steps
      if state.step % settings.validateEvery == 0 || isLast {
        let seconds = (ContinuousClock.now - intervalStart.time) / .seconds(1)
        let rate = Double((state.step - intervalStart.step) * settings.batch) / max(seconds, 1e-9)
        let train = state.recentLoss / Double(state.recentSteps)
        let validated = validate(&trainer, &state)
        // The last weights have no loss yet where nothing validates them.
        let endsWell =
          !isLast || validated != nil
          || trainer.endsWell(state, workers: context.execution.workers)
        guard endsWell,
          !state.hasDiverged(
            validation: validated, mean: train, last: stepLoss,
            dimensions: trainer.flow.dimensions)
        else { throw FlowError.diverged(step: state.step, seed: trainer.seed) }
        try ranks.checkAgreement(of: state)
        try metrics?.append(
          step: state.step, train: loss.value(train), validation: validated.map(loss.value),
          learningRate: settings.rate(of: state, step: state.step - 1), rate: rate,
          effectiveSampleSize: state.drawing?.effectiveSampleSize)
        note = "\(loss.name) \(loss.text(train))"
        if let validated { note += ", validation \(loss.text(validated))" }
        if let drawing = state.drawing {
          note += ", ESS \(drawing.effectiveSampleSize.fixed(3))"
          if trainer.awaitsProposals(state) { note += ", too low for energies" }
        }
        intervalStart = (ContinuousClock.now, state.step)
      } else if isDue(state.step),
        state.hasDiverged(loss: stepLoss, dimensions: trainer.flow.dimensions)
      {
        // The training could go back to this checkpoint.
        throw FlowError.diverged(step: state.step, seed: trainer.seed)
      }
      context.onProgress(WorkProgress("training", done: state.step, of: settings.steps, note: note))
      let reason = ranks.agreed(context.stopReason())
      if reason != nil || isLast || isDue(state.step) {
        try save(state, flow)
      }
      if let reason, !isLast {
        throw RunError.interrupted(run: run.path, step: state.step, reason: reason)
      }
    }
  }

  /// Whether a step's checkpoint is written in any case, and not because the training stopped.
  private func isDue(_ step: Int) -> Bool { step % settings.checkpointEvery == 0 }

  /// The state in the newest checkpoint that was due; nil if there is none.
  private func dueState() throws -> TrainingState? {
    try run.savedSteps().first { isDue($0.step) }.map { try Checkpoint(path: $0.path).state }
  }

  /// Writes the checkpoint and the model.
  private func save(_ state: TrainingState, _ flow: FlowConfiguration) throws {
    guard context.ranks.isFirst else { return }
    var checkpoint = Checkpoint(flow: flow, state: state, notes: notes)
    if trained != .none { checkpoint.notes[RecordedSettings.note] = trained.text }
    checkpoint.notes[RunFolder.metricsNote] = run.metricsChecksum(upTo: state.step)
    try checkpoint.write(path: run.checkpoint(step: state.step))
    checkpoint.notes = notes
    try checkpoint.writeModel(path: run.model)
    removeOldCheckpoints()
  }

  /// Keeps the last checkpoint and the last before it that was due; if none was, the one before.
  private func removeOldCheckpoints() {
    let older = run.savedSteps().dropFirst()
    let kept = older.first { isDue($0.step) } ?? older.first
    for old in older where old.step != kept?.step {
      try? FileManager.default.removeItem(atPath: old.path)
    }
  }
}
