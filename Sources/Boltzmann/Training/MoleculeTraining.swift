import Flow
import Foundation
import Kernels
import Logging
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// The files that a training starts from, read and checked.
package struct TrainingInputs {
  package let record: MoleculeRecord
  package let system: MolecularSystem
  /// nm, [frames, atoms, 3].
  package let training: Trajectory
  /// nil when there is none to validate and compare with.
  package let reference: Trajectory?

  package var configuration: RunConfiguration { record.configuration }

  /// Reads the system and its trajectories.
  /// - Throws: `RunError`, `PrmtopError` or `TrajectoryError`.
  package init(_ record: MoleculeRecord, context: RunContext) throws {
    self.record = record
    system = try record.readSystem()
    for note in system.prmtop.notes { context.log.warning("\(record.topology.path): \(note)") }
    if let reference = record.reference, record.training.bytes == reference.bytes,
      record.training.fnv1a == reference.fnv1a
    {
      context.log.warning(
        """
        \(reference.path): holds the same bytes as the training trajectory: validation and \
        evaluation then mean nothing; hold frames out, or simulate others
        """)
    }
    let system = system
    func equilibrium(_ input: InputFile) throws -> Trajectory {
      try readEquilibriumFrames(
        input.path, of: system, execution: context.execution, log: context.log)
    }
    // The program's own hot frames are of another temperature.
    let frames =
      record.configuration.energies.usesSamples
      ? try equilibrium(record.training)
      : try readConformations(record.training.path, of: system, log: context.log)
    guard let heldOut = record.heldOut else {
      training = frames
      reference = try record.reference.map(equilibrium)
      if let file = record.reference, let reference, file.fnv1a != record.training.fnv1a {
        let shared = SharedFrames(of: reference, with: Set(frameHashes(frames)))
        shared.warn(of: file.path, log: context.log)
      }
      return
    }
    try heldOut.checkCount(frames.frames, path: record.training.path)
    training = frames.selected(0..<heldOut.first)
    reference = frames.selected(heldOut.compared)
    heldOut.note(
      FrameCorrelation(frames, chains: frames.chains, of: system, execution: context.execution),
      path: record.training.path, to: context.log)
  }

  /// Writes the frames that are held out into the run's folder, with their checksum, unless they are
  /// there.
  /// - Throws: `TrajectoryError` or `FileError`.
  func keepHeldOut(in folder: RunFolder, version: String) throws {
    guard record.heldOut != nil, let reference else { return }
    let (manager, path) = (FileManager.default, folder.ownReference)
    if !manager.fileExists(atPath: path) {
      try writeAmberTrajectory(
        reference, path: path, programVersion: version,
        title: "\(system.description.name): frames that were held out")
    }
    let list = "\(folder.path)/\(ChecksumList.name)"
    guard !manager.fileExists(atPath: list) else { return }
    try writeText(
      ChecksumList.text([("reference.nc", try checksum(path: path))]), path: list)
  }
}

/// A training that is ready to begin: all that its inputs and settings can get wrong has been
/// checked.
package struct MoleculeTraining {
  private let inputs: TrainingInputs
  private let flow: TarFlow
  private let representation: Representation
  /// What the training begins with; nil for random weights.
  private let initialWeights: [Float]?
  private var trainer: Trainer
  private let validation: [Float]?
  private let context: RunContext

  /// - Throws: `FlowError.configuration`, or `RunError.badData` when the frames cannot be
  ///   represented.
  package init(_ inputs: TrainingInputs, context: RunContext) throws {
    let configuration = inputs.configuration
    let initial = try inputs.record.initial.map { try InitialModel(.file($0.path)) }
    let learnsHotter = inputs.record.hotter != nil
    guard configuration.framesOfEveryRung == learnsHotter else {
      throw RunError.configuration(
        source: "configuration",
        problem: "frames_of_every_rung is \(configuration.framesOfEveryRung), but the record names "
          + "\(learnsHotter ? "" : "no ")trajectories of hotter rungs; restore it, or start a new run"
      )
    }
    guard initial == nil || !learnsHotter else {
      throw RunError.configuration(
        source: "configuration",
        problem: "frames_of_every_rung is true, but a training that begins with a model's weights "
          + "learns one temperature; leave one of them out")
    }
    let begin = initial?.trained.firstFlow("the training begins with", log: context.log)
    initialWeights = begin?.weights
    do throws(RepresentationError) {
      if let begin {
        representation = begin.representation
      } else {
        representation = try Representation(
          configuration.representation, order: configuration.atomOrder,
          atomsPerToken: configuration.atomsPerToken,
          periodicTorsions: configuration.flow.periodic, topology: inputs.system.topology,
          coordinates: inputs.training.coordinates, execution: context.execution)
      }
    } catch {
      throw RunError.badData(path: inputs.record.training.path, problem: "\(error)")
    }
    var shape = FlowConfiguration(
      tokens: representation.tokens, features: representation.features,
      network: configuration.flow)
    shape.windows = representation.periodicWindows.map {
      PeriodicWindows(lows: $0.lows, periods: $0.periods)
    }
    shape.present = representation.present
    let hotter = inputs.record.hotter ?? []
    shape.classes = hotter.isEmpty ? 0 : 1 + hotter.count
    let placed = representation.context
    flow = try checkLimits(of: "flow") { () throws(FlowError) in
      try TarFlow(shape, context: placed)
    }
    // Weights that are there know one way to label equal hydrogens.
    let labels = FlowLabels(representation, of: inputs.system)
    let frames = initial == nil ? inputs.training : labels.match(inputs.training)
    var samples = representation.tokens(from: frames.coordinates, execution: context.execution)
    var classes = [Int](repeating: 0, count: frames.frames)
    var thermalEnergies = [inputs.system.thermalEnergy]
    for (index, file) in hotter.enumerated() {
      let (hot, thermalEnergy) = try inputs.hotterFrames(
        file, execution: context.execution, log: context.log)
      thermalEnergies.append(thermalEnergy)
      samples += representation.tokens(from: hot.coordinates, execution: context.execution)
      classes += [Int](repeating: 1 + index, count: hot.frames)
    }
    let flow = flow
    let energies = configuration.energies
    let proposals = energies.usesProposals ? energies.drawn : 0
    try TrainedModel.checkMemory(
      conformations: (proposals + context.ranks.count - 1) / context.ranks.count,
      atoms: inputs.system.topology.atoms, advice: "set energies.drawn lower")
    try flow.checkMemory(
      for: configuration.training, samples: classes.count, proposals: proposals,
      ranks: context.ranks, workers: context.execution.workers)
    let augment = augmentation(representation, inputs, thermalEnergies: thermalEnergies)
    let target = trainingTarget(
      inputs, representation, execution: context.execution, log: context.log)
    trainer = try checkLimits(of: "training") { () throws(FlowError) in
      try Trainer(
        flow, configuration.training, samples: samples,
        labels: hotter.isEmpty ? nil : TrainingLabels(classes), seed: configuration.seed,
        augment: augment, target: target, ranks: context.ranks)
    }
    validation = validationTokens(inputs, representation, labels, context: context)
    self.inputs = inputs
    self.context = context
  }

  /// Trains the flow, from the run's newest checkpoint if there is one; writes metrics and
  /// checkpoints on the way.
  ///
  /// - Throws: `RunError.interrupted` after a checkpoint when the context says so.
  package mutating func run(in folder: RunFolder) throws -> TrainedModel {
    if context.ranks.isFirst { try inputs.keepHeldOut(in: folder, version: context.version) }
    let beginning = { [flow, seed = inputs.configuration.seed, initialWeights] in
      TrainingState(flow, seed: seed, weights: initialWeights)
    }
    let trained = try inputs.record.trained
    var state =
      try folder.resumedState(of: flow, trained: trained, context: context) ?? beginning()
    let loop = TrainingLoop(
      folder, inputs.configuration.training,
      notes: try TrainedModel.checkpointNotes(
        representation, target: ModelTarget(of: inputs.system)), trained: trained,
      loss: ShownLoss(
        columns: "step,train_nll,validation_nll", name: "NLL", decimals: 2, value: { $0 }),
      context: context)
    let configuration = inputs.configuration
    for doubt in configuration.energies.doubts(steps: configuration.training.steps) {
      context.log.warning("\(doubt)")
    }
    let (validation, workers) = (validation, context.execution.workers)
    // The validation is at the system's temperature, the first class.
    let labels = validation.flatMap { [flow] in
      flow.configuration.classes == 0
        ? nil : [Int](repeating: 0, count: $0.count / flow.dimensions)
    }
    try loop.train(&trainer, &state, beginning: beginning) { trainer, state in
      guard let validation else {
        state.keep(loss: nil)
        return nil
      }
      return trainer.validate(&state, on: validation, labels: labels, workers: workers)
    }
    if let drawing = state.drawing, trainer.awaitsProposals(state) {
      context.log.warning(
        """
        energies had no part in this training: they wait for proposals with an ESS of \
        energies.least_ess = \(inputs.configuration.energies.leastSize), and the last ones had \
        \(drawing.effectiveSampleSize.fixed(4)); train for longer or with more frames
        """)
    }
    let result = state.result
    let chosen =
      validation == nil
      ? "weights of step \(result.step)"
      : "best validation NLL \(result.loss.fixed(3)) at step \(result.step)"
    context.log.info("\(chosen), \(flow.layout.count) parameters")
    return TrainedModel(of: flow, weights: result.weights, representation: representation)
  }
}

/// The density that a training with energies learns beside its frames.
private func trainingTarget(
  _ inputs: TrainingInputs, _ representation: Representation, execution: Execution, log: Logger
) -> TrainingTarget? {
  let settings = inputs.configuration.energies
  guard settings.isUsed, case .internal(let representation) = representation else { return nil }
  let isomers = inputs.isomers(execution: execution, log: log)
  return TrainingTarget(
    settings, density: inputs.system.tokenDensity(representation, isomers: isomers))
}

/// Tokens of the reference for the validation loss, or of 10,000 frames of a longer one.
///
/// Those of a Cartesian flow are turned once, the same every time.
/// - Returns: Nil without a reference.
private func validationTokens(
  _ inputs: TrainingInputs, _ representation: Representation, _ labels: FlowLabels,
  context: RunContext
) -> [Float]? {
  guard let all = inputs.reference else { return nil }
  let chosen = HeldOutFrames.plenty(of: all.frames)
  if chosen.count < all.frames {
    context.log.info(
      "the validation loss is that of \(chosen.count) of the \(all.frames) reference frames")
  }
  let reference = labels.match(all.selected(chosen))
  var tokens = representation.tokens(from: reference.coordinates, execution: context.execution)
  guard case .cartesian(let cartesian) = representation else { return tokens }
  for frame in 0..<reference.frames {
    var generator = RandomGenerator(
      seed: inputs.configuration.seed, stream: .validation, index: frame)
    cartesian.augment(&tokens, frame: frame) { generator.normal() }
  }
  return tokens
}

/// The change of training samples that leaves their distribution as it is: other labels of
/// equivalent atoms, or for a Cartesian flow a rotation and a shift.
///
/// - Parameter thermalEnergies: kT of each class, kJ/mol.
private func augmentation(
  _ representation: Representation, _ inputs: TrainingInputs, thermalEnergies: [Double]
) -> Augmentation? {
  switch representation {
  case .cartesian(let cartesian):
    return { tokens, _, generator in
      cartesian.augment(&tokens, frame: 0) { generator.normal() }
    }
  case .internal(let representation):
    let (topology, field) = (inputs.system.topology, inputs.system.prmtop.forceField)
    let equivalent = EquivalentAtoms(topology: topology, forceField: field)
    let configuration = inputs.configuration
    let turns = configuration.relabelEquivalentAtoms && !equivalent.groups.isEmpty
    let flips =
      configuration.relabelFlips ? Flip.all(topology: topology, forceField: field) : []
    guard turns || !flips.isEmpty else { return nil }
    return { tokens, label, generator in
      representation.relabel(&tokens, frame: 0) { positions in
        if turns { equivalent.relabel(&positions) { Int.random(in: 0..<$0, using: &generator) } }
        for flip in flips {
          flip.resample(
            &positions, thermalEnergy: thermalEnergies[label], uniform: generator.uniform())
        }
      }
    }
  }
}
