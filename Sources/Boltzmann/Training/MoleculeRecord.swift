import Foundation
import Kernels
import Runs

/// What `config.resolved.yaml` of a molecule's run holds: all that is needed to repeat or resume
/// it.
package struct MoleculeRecord: TrainingRecord, SystemRecord {
  package let program: String
  package let arithmetic: Arithmetic
  package internal(set) var system: String
  package internal(set) var training: InputFile
  /// nil for a run that has nothing to be compared with.
  package internal(set) var reference: InputFile?
  /// The trajectories of the hotter rungs that are learned besides, ascending; nil where there are
  /// none.
  package internal(set) var hotter: [InputFile]?
  /// The frames of the training trajectory that are the reference; nil where that is a trajectory of
  /// its own, or there is none.
  package let heldOut: HeldOutFrames?
  package internal(set) var topology: InputFile
  /// `system.yaml`: temperature and solvent.
  package internal(set) var description: InputFile
  /// The model whose weights the training begins with; nil for random ones.
  package private(set) var initial: InputFile?
  package private(set) var configuration: RunConfiguration
  /// Whether another energy than the run's own stands in its place; not written.
  package internal(set) var isOfOtherEnergy = false

  private enum CodingKeys: String, CodingKey {
    case program, arithmetic, system, training, hotter, reference, topology, description, initial
    case configuration
    case heldOut = "held_out"
  }

  package static let name = (record: "run record", writer: "tarflow-mol train")

  package var inputs: [InputFile] {
    [training, topology, description] + (hotter ?? []) + [reference, initial].compactMap { $0 }
  }
  package var precision: Precision { configuration.training.precision }
  package var seed: UInt64 { configuration.seed }

  /// What a new run computes.
  ///
  /// - Parameters:
  ///   - training: The trajectory to train on.
  ///   - reference: The trajectory to validate and compare with, if there is one.
  ///   - heldOut: The frames of the training trajectory that are compared with in its place.
  ///   - initial: The model to begin with; nil for random weights.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError` when a file is missing.
  package init(
    _ configuration: RunConfiguration, system: MolecularSystem, training: String,
    reference: String?, heldOut: HeldOutFrames? = nil, initial: String? = nil, kernel: String,
    context: RunContext
  ) throws {
    precondition(
      reference == nil || heldOut == nil, "both \(reference ?? "") and frames that are held out")
    self.heldOut = heldOut
    program = context.program
    arithmetic = Arithmetic(kernel: kernel, precision: configuration.training.precision)
    self.system = system.folder
    self.training = try InputFile(path: training)
    hotter = configuration.framesOfEveryRung ? try hotterTrajectories(beside: training) : nil
    self.reference = try reference.map { try InputFile(path: $0) }
    topology = try InputFile(path: system.topologyPath)
    description = try InputFile(path: system.descriptionPath)
    self.initial = try initial.map { try InputFile(path: $0) }
    self.configuration = configuration
  }

  /// The settings that the training depends on, and which inputs it has: the number of steps may
  /// change, and so may what comes after the training.
  package var trained: RecordedSettings {
    get throws {
      try RecordedSettings(
        configuration, besides: ["training.steps", "sampling.", "evaluation."],
        inputs: [
          "held_out": heldOut.map { "\($0.first) of \($0.end)" } ?? "none",
          // Frames that are held out become the reference when the training begins.
          "reference": (heldOut == nil ? reference?.fnv1a : nil) ?? "none",
          "initial": initial?.fnv1a ?? "none",
          "hotter": hotter.map { $0.map(\.fnv1a).joined(separator: " ") } ?? "none",
        ])
    }
  }

  /// Gives a run more steps, or fewer than it was to have but more than it has done.
  ///
  /// The learning rate follows the schedule of the new number from the next step on. What a finished
  /// run has drawn stays until it is replaced at the new end.
  /// - Throws: `RunError.configuration` for a step that is done, and what reading and writing throw.
  package static func changeSteps(of folder: RunFolder, to steps: Int) throws {
    try withLock(on: folder.path) {
      var record = try read(path: folder.record)
      let done = folder.savedSteps().first?.step ?? 0
      guard steps > done else {
        throw RunError.configuration(
          source: folder.path, problem: "has done \(done) steps; expected more than that")
      }
      record.configuration.training.steps = steps
      try record.configuration.validate()
      try record.write(path: folder.record)
    }
  }

  /// The record with the run's own copies of the system where the original is gone or has changed,
  /// and the trajectories where they are now.
  package func found(in folder: String) -> MoleculeRecord {
    var record = self
    let copies = ["\(folder)/\(builtSystem)"]
    (record.system, record.topology, record.description) = systemFound(in: copies)
    let name = URL(fileURLWithPath: system).lastPathComponent
    let embedded = try? findSystem(name, .molecule, in: nil, advice: "")
    let places = [folder] + [embedded].compactMap { $0 }
    record.training = training.found(in: places, comparing: false)
    record.hotter = hotter?.map { $0.found(in: places, comparing: false) }
    record.reference =
      heldOut == nil
      ? reference?.found(in: places, comparing: false)
      : try? InputFile(path: RunFolder(path: folder).ownReference)
    record.initial = initial?.found(in: copies)
    return record
  }

  /// Copies description, topology, start and the model that the training begins with into the run's
  /// folder, unless they lie there.
  package func keepInputs(in folder: String) throws {
    try initial?.copy(to: "\(folder)/\(builtSystem)")
    guard !system.hasPrefix(absolutePath(folder) + "/") else { return }
    let copies = "\(folder)/\(builtSystem)"
    for file in [topology, description] { try file.copy(to: copies) }
    if let start = try? InputFile(path: readSystem().startPath()) { try start.copy(to: copies) }
  }
}

extension RunFolder {
  /// The files that a molecule's run has besides.
  package var samples: String { DrawFolder(path: path).samples }
  package var weights: String { DrawFolder(path: path).weights }
  package var evaluation: String { "\(path)/evaluation.json" }
  package var histograms: String { "\(path)/histograms.csv" }
  package var evaluationFiles: EvaluationFiles {
    EvaluationFiles(figures: evaluation, histogram: histograms)
  }
  /// How far the run's random stream is used up, and with which clip it was reweighted.
  package var drawn: String { "\(path)/drawn.json" }
  package var weighting: String { "\(path)/weights.json" }
  /// Of a run that simulates its own frames: the simulation, and what it is divided into.
  package var simulation: SimulationFolder { SimulationFolder(path: "\(path)/simulation") }
  package var simulatedTraining: String { "\(path)/training.nc" }
  func simulatedTraining(rung: Int) -> String { "\(path)/training.rung\(rung + 1).nc" }
  /// The reference of a run that simulates its own frames, or holds some of its only trajectory out.
  package var ownReference: String { "\(path)/reference.nc" }
}
