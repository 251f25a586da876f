import Flow
import Foundation

/// The loss as `metrics.csv` and the progress show it.
struct ShownLoss {
  /// The columns before the learning rate, from the left: step, training loss, validation loss.
  let columns: String
  /// What people call it.
  let name: String
  let decimals: Int
  /// From nats per sample.
  let value: (Double) -> Double
}

/// The part that all trainings share: steps, validations, metrics, checkpoints, the way to stop.
struct TrainingLoop {
  let run: RunFolder
  let settings: TrainingConfiguration
  /// What the checkpoints say besides the flow.
  let notes: [String: String]
  let loss: ShownLoss
  /// The words after the program's name that resume such a run.
  let command: String
  let interruption: Interruption
  let deadline: Date?
  let options: SharedOptions

  /// Trains to the last step.
  ///
  /// - Parameter validate: Returns the validation loss in nats per sample, nil when there are no images or frames for it;
  ///   chooses the best weights, and begins a new interval of recent losses.
  /// - Throws: `CommandError.interrupted` after a checkpoint when a signal came or the time is up.
  func train(
    _ trainer: inout Trainer, _ state: inout TrainingState,
    validate: (inout Trainer, inout TrainingState) -> Double?
  ) throws {
    let flow = trainer.flow.configuration
    func save(_ state: TrainingState) throws {
      let checkpoint = Checkpoint(flow: flow, state: state, notes: notes)
      try checkpoint.write(path: run.checkpoint(step: state.step))
      try checkpoint.writeModel(path: run.model)
      for old in run.savedSteps().dropFirst(2) {
        try? FileManager.default.removeItem(atPath: old.path)
      }
    }
    // A run that was killed between its two files has an old model.
    if state.step > 0 {
      try Checkpoint(flow: flow, state: state, notes: notes).writeModel(path: run.model)
    }
    let metrics = try MetricsFile(path: run.metrics, columns: loss.columns, resumingAt: state.step)
    let progress = Progress(
      "training", total: settings.steps, from: state.step, quiet: options.quiet)
    // An error message starts on a line of its own.
    defer { progress.finish() }
    func shown(_ value: Double) -> String { decimal(loss.value(value), loss.decimals) }
    var intervalStart = (time: ContinuousClock.now, step: state.step)
    while state.step < settings.steps {
      let stepLoss = try trainer.step(&state, workers: options.workers)
      var note = "\(loss.name) \(shown(stepLoss))"
      if state.step % settings.validateEvery == 0 || state.step == settings.steps {
        let seconds = (ContinuousClock.now - intervalStart.time) / .seconds(1)
        let rate = Double((state.step - intervalStart.step) * settings.batch) / max(seconds, 1e-9)
        let train = state.recentLoss / Double(state.recentSteps)
        let validated = validate(&trainer, &state)
        try metrics.append(
          step: state.step, train: loss.value(train), validation: validated.map(loss.value),
          learningRate: settings.learningRate(step: state.step - 1), rate: rate)
        note = "\(loss.name) \(shown(train))"
        if let validated { note += ", validation \(shown(validated))" }
        intervalStart = (ContinuousClock.now, state.step)
      }
      progress.advance(note: note)
      let reason =
        interruption.isRequested
        ? "a signal" : deadline.flatMap { Date() > $0 ? "the time limit" : nil }
      let isLast = state.step == settings.steps
      if reason != nil || isLast || state.step % settings.checkpointEvery == 0 { try save(state) }
      if let reason, !isLast {
        throw CommandError.interrupted(
          run: run.path, step: state.step, reason: reason,
          command: "tarflow-mol \(command) --resume \(run.path)")
      }
    }
  }
}
