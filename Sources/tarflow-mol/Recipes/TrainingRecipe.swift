import Flow
import Foundation
import Kernels
import Logging
import Molecules
import Trajectories

/// The files that a training starts from, read and checked.
struct TrainingInputs {
  let record: RunRecord
  let system: MolecularSystem
  /// nm, [frames, atoms, 3].
  let training: Trajectory
  let reference: Trajectory

  var configuration: RunConfiguration { record.configuration }

  /// Reads the system and its trajectories.
  init(record: RunRecord, log: Logger) throws {
    self.record = record
    system = try MolecularSystem(folder: record.system)
    for note in system.prmtop.notes { log.warning("\(record.topology.path): \(note)") }
    training = try readFrames(record.training.path, of: system, log: log)
    reference = try readFrames(record.reference.path, of: system, log: log)
  }
}

/// A training that is ready to begin: everything that its inputs and settings can get wrong has been checked.
struct Training {
  let inputs: TrainingInputs
  let flow: TarFlow
  let representation: Representation
  private var trainer: Trainer
  private let validation: [Float]
  private let options: SharedOptions

  /// - Throws: `FlowError.configuration`, or `CommandError.badData` when the frames cannot be represented.
  init(_ inputs: TrainingInputs, options: SharedOptions) throws {
    let configuration = inputs.configuration
    do throws(RepresentationError) {
      representation = try Representation(
        configuration.representation, order: configuration.atomOrder,
        topology: inputs.system.topology, coordinates: inputs.training.coordinates,
        execution: options.execution)
    } catch {
      throw CommandError.badData(path: inputs.record.training.path, problem: "\(error)")
    }
    flow = try TarFlow(
      configuration.flow.configuration(
        tokens: representation.tokens, features: representation.features))
    trainer = try Trainer(
      flow, configuration.training,
      samples: representation.tokens(
        from: inputs.training.coordinates, execution: options.execution),
      seed: configuration.seed, augment: augmentation(representation, inputs))
    validation = validationTokens(inputs, representation, execution: options.execution)
    self.inputs = inputs
    self.options = options
  }

  /// Trains the flow, or goes on with the run's newest checkpoint; writes metrics and checkpoints on the way.
  ///
  /// - Throws: `CommandError.interrupted` after a checkpoint when a signal came or the time is up.
  mutating func run(in run: RunFolder, interruption: Interruption, deadline: Date?) throws
    -> TrainedModel
  {
    var state =
      try resumedState(run, flow: flow, log: options.log)
      ?? TrainingState(flow, seed: inputs.configuration.seed)
    let loop = TrainingLoop(
      run: run, settings: inputs.configuration.training,
      notes: try checkpointNotes(representation),
      loss: ShownLoss(
        columns: "step,train_nll,validation_nll", name: "NLL", decimals: 2, value: { $0 }),
      command: "train", interruption: interruption, deadline: deadline, options: options)
    let validation = validation
    try loop.train(&trainer, &state) { trainer, state in
      trainer.validate(&state, on: validation, workers: options.workers)
    }
    let result = state.result
    options.log.info(
      "best validation NLL \(decimal(result.loss, 3)) at step \(result.step), \(flow.layout.count) parameters"
    )
    return TrainedModel(flow: flow, weights: result.weights, representation: representation)
  }
}

/// Tokens of the reference for the validation loss; those of a Cartesian flow are turned once, the same every time.
private func validationTokens(
  _ inputs: TrainingInputs, _ representation: Representation, execution: Execution
) -> [Float] {
  var tokens = representation.tokens(from: inputs.reference.coordinates, execution: execution)
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
) -> Augmentation? {
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
