import Flow
import Foundation
import Kernels
import Logging
import Molecules
import Trajectories

/// The files and settings that a training starts from.
struct TrainingInputs {
  let run: RunFolder
  let record: RunRecord
  let system: MolecularSystem
  /// nm, [frames, atoms, 3].
  let training: Trajectory
  let reference: Trajectory

  var configuration: RunConfiguration { record.configuration }

  /// Reads the system and its trajectories.
  init(run: RunFolder, record: RunRecord, log: Logger) throws {
    self.run = run
    self.record = record
    system = try MolecularSystem(folder: record.system)
    for note in system.prmtop.notes { log.notice("\(system.description.topology): \(note)") }
    training = try readFrames(record.training.path, of: system, log: log)
    reference = try readFrames(record.reference.path, of: system, log: log)
  }
}

/// Reads a trajectory of the system's molecule, passing its notes on.
func readFrames(_ path: String, of system: MolecularSystem, log: Logger) throws -> Trajectory {
  let (trajectory, notes) = try readAmberTrajectory(
    path: path, expectedAtoms: system.topology.atoms)
  for note in notes { log.notice("\(path): \(note)") }
  try checkBondLengths(trajectory, path: path, system: system)
  return trajectory
}

/// Checks the first frame's bonds against the force field: another molecule or atom order, or another unit, shows there.
func checkBondLengths(_ trajectory: Trajectory, path: String, system: MolecularSystem) throws {
  let positions = trajectory[0]
  for bond in system.prmtop.forceField.bonds {
    let (i, j) = (Int(bond.atoms.x), Int(bond.atoms.y))
    let d = positions[i] - positions[j]
    let ratio = (d * d).sum().squareRoot() / bond.length
    guard ratio > 0.5, ratio < 2 else {
      let names = "\(system.topology.atomNames[i])–\(system.topology.atomNames[j])"
      let advice =
        (8...12).contains(ratio) || (0.08...0.12).contains(ratio)
        ? "ten times off: check the units"
        : "is this another molecule, or another order of its atoms?"
      throw CommandError.badData(
        path: path,
        problem:
          "frame 0: bond \(names) (atoms \(i + 1), \(j + 1)) is \(decimal(ratio * bond.length, 4)) nm long, "
          + "the topology says \(decimal(bond.length, 4)); \(advice)")
    }
  }
}

/// A flow that is trained, and how its tokens become conformations.
struct TrainedModel {
  let flow: TarFlow
  let weights: [Float]
  let representation: Representation
}

/// Trains the flow, or goes on with the run's newest checkpoint; writes metrics and checkpoints on the way.
///
/// - Throws: `CommandError.interrupted` after a checkpoint when a signal came or the time is up.
func trainModel(
  _ inputs: TrainingInputs, options: SharedOptions, interruption: Interruption, deadline: Date?
) throws -> TrainedModel {
  let (configuration, run) = (inputs.configuration, inputs.run)
  let representation = try Representation(
    configuration.representation, order: configuration.atomOrder, topology: inputs.system.topology,
    coordinates: inputs.training.coordinates, workers: options.workers)
  let flow = try TarFlow(
    configuration.flow.configuration(
      tokens: representation.tokens, features: representation.features))
  let validation = validationTokens(inputs, representation, workers: options.workers)
  var trainer = try Trainer(
    flow, configuration.training,
    samples: representation.tokens(from: inputs.training.coordinates, workers: options.workers),
    seed: configuration.seed, augment: augmentation(representation, inputs))
  var state =
    try resumedState(run, flow: flow, log: options.log)
    ?? TrainingState(flow, seed: configuration.seed)
  let notes = try checkpointNotes(representation)
  func save() throws {
    let checkpoint = Checkpoint(flow: flow.configuration, state: state, notes: notes)
    try checkpoint.write(path: run.checkpoint(step: state.step))
    try checkpoint.writeModel(path: run.model)
    for old in run.savedSteps().dropFirst(2) {
      try? FileManager.default.removeItem(atPath: old.path)
    }
  }
  let metrics = try MetricsFile(path: run.metrics, resumingAt: state.step)
  let steps = configuration.training.steps
  let progress = Progress("training", total: steps, from: state.step, quiet: options.quiet)
  var intervalStart = Date()
  while state.step < steps {
    let loss = try trainer.step(&state, workers: options.workers)
    var note = "NLL \(decimal(loss, 2))"
    if state.step % configuration.training.validateEvery == 0 || state.step == steps {
      let seconds = Date().timeIntervalSince(intervalStart)
      let rate = Double(state.recentSteps * configuration.training.batch) / max(seconds, 1e-9)
      let train = state.recentLoss / Double(state.recentSteps)
      let validated = trainer.validate(&state, on: validation, workers: options.workers)
      try metrics.append(
        step: state.step, train: train, validation: validated,
        learningRate: configuration.training.learningRate(step: state.step - 1), rate: rate)
      note = "NLL \(decimal(train, 2)), validation \(decimal(validated, 2))"
      intervalStart = Date()
    }
    progress.advance(note: note)
    let reason =
      interruption.isRequested
      ? "a signal" : deadline.flatMap { Date() > $0 ? "the time limit" : nil }
    if reason != nil || state.step % configuration.training.checkpointEvery == 0
      || state.step == steps
    {
      try save()
    }
    if let reason, state.step < steps {
      throw CommandError.interrupted(run: run.path, step: state.step, reason: reason)
    }
  }
  progress.finish()
  options.log.info(
    "best validation NLL \(decimal(state.bestLoss, 3)) at step \(state.bestStep), \(flow.layout.count) parameters"
  )
  return TrainedModel(flow: flow, weights: state.best, representation: representation)
}

/// Tokens of the reference for the validation loss; those of a Cartesian flow are turned once, the same every time.
private func validationTokens(
  _ inputs: TrainingInputs, _ representation: Representation, workers: Int
) -> [Float] {
  var tokens = representation.tokens(from: inputs.reference.coordinates, workers: workers)
  guard case .cartesian(let cartesian) = representation else { return tokens }
  for frame in 0..<inputs.reference.frames {
    var generator = RandomGenerator(
      seed: inputs.configuration.seed, stream: .validation, index: frame)
    cartesian.augment(&tokens, frame: frame) { generator.normal() }
  }
  return tokens
}

/// The change of training samples that leaves their distribution as it is: other labels of equivalent atoms, or for
/// a Cartesian flow a rotation and a shift.
private func augmentation(
  _ representation: Representation, _ inputs: TrainingInputs
) -> (@Sendable (inout [Float], Int, inout RandomGenerator) -> Void)? {
  switch representation {
  case .cartesian(let cartesian):
    return { tokens, sample, generator in
      cartesian.augment(&tokens, frame: sample) { generator.normal() }
    }
  case .internal(let representation):
    let equivalent = EquivalentAtoms(
      topology: inputs.system.topology, forceField: inputs.system.prmtop.forceField)
    guard inputs.configuration.relabelEquivalentAtoms, equivalent.labellings > 1 else { return nil }
    return { tokens, sample, generator in
      representation.relabel(&tokens, frame: sample, equivalent: equivalent) {
        Int.random(in: 0..<$0, using: &generator)
      }
    }
  }
}

private func checkpointNotes(_ representation: Representation) throws -> [String: String] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return ["representation": String(decoding: try encoder.encode(representation), as: UTF8.self)]
}

/// The newest checkpoint that can be read, or nil if there is none.
private func resumedState(_ run: RunFolder, flow: TarFlow, log: Logger) throws -> TrainingState? {
  let saved = run.savedSteps()
  for (step, path) in saved {
    do {
      let checkpoint = try Checkpoint(path: path)
      guard checkpoint.flow == flow.configuration else {
        throw CommandError.badData(path: path, problem: "belongs to another flow configuration")
      }
      log.info("resuming from step \(step)")
      return checkpoint.state
    } catch {
      if path == saved.last?.path { throw error }
      log.warning("\(error); trying the checkpoint before")
    }
  }
  return nil
}

/// The trained flow of a run.
/// - Throws: `SafetensorsError`, `FlowError` or `CommandError`.
func readModel(_ run: RunFolder) throws -> TrainedModel {
  let trained = try TrainedFlow(path: run.model)
  guard let text = trained.notes["representation"],
    let representation = try? JSONDecoder().decode(Representation.self, from: Data(text.utf8))
  else {
    throw CommandError.badData(
      path: run.model, problem: "its metadata 'representation' cannot be read")
  }
  return TrainedModel(flow: trained.flow, weights: trained.weights, representation: representation)
}
