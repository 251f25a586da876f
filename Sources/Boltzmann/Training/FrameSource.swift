import Foundation
import Runs
import Trajectories

/// What a training learns from.
package enum FrameSource: Equatable {
  /// Trajectories; the system's own where none is given.
  case trajectories(training: String?, reference: String?)
  /// A simulation of its own by replica exchange, of so many ps for each chain, with further
  /// settings of a simulation.
  case simulation(time: Double, settings: [ConfigurationLayer] = [])
  /// The energy alone, with a trajectory to compare with if there is one.
  case energy(reference: String?)

  /// The source that a recipe names; nil where it names none.
  /// - Throws: `RunError.configuration`.
  init?(recipe: Recipe) throws(RunError) {
    switch (recipe.simulate, recipe.from) {
    case (nil, _) where !recipe.simulationLayers.isEmpty:
      throw .configuration(
        source: recipe.path, problem: "'simulation' has no 'simulate: TIME' to belong to")
    case (nil, nil): return nil
    case (let time?, nil):
      guard let time = PhysicalTime(time), time.picoseconds > 0 else {
        throw .configuration(
          source: recipe.path, problem: "'simulate' is \(time), expected a time such as 8ns")
      }
      self = .simulation(time: time.picoseconds, settings: recipe.simulationLayers)
    case (nil, "energy"?): self = .energy(reference: nil)
    default:
      throw .configuration(
        source: recipe.path,
        problem: "expected one of 'simulate: TIME' and 'from: energy', or neither")
    }
  }
}

extension TrainingRun<MoleculeRecord> {
  /// A run that begins: of trajectories that are there, or of frames that are simulated first.
  ///
  /// - Parameters:
  ///   - built: What the system was built of for this run; each chain that is simulated then begins
  ///     with a structure of its own.
  ///   - initial: The model to begin with; nil for random weights.
  ///   - folder: Where it goes; asked for, and made, only when frames are simulated.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError.missing` naming the trajectory that is not there, and what simulating
  ///   throws.
  package init(
    of molecule: MolecularSystem, _ configuration: RunConfiguration, from source: FrameSource,
    built: BuildSettings? = nil, initial: InitialModel? = nil, folder: () -> String, kernel: String,
    context: RunContext
  ) throws {
    let pending: PendingRun
    switch source {
    case .trajectories(let training, let reference):
      // A reference that the description names and that is not there is missed, unless the frames are
      // the user's own.
      let isAlone =
        reference == nil && molecule.existingReference == nil
        && (training != nil || molecule.description.reference == nil)
      let training = try molecule.existing(training, molecule.trainingPath, "training")
      self.init(
        beginning: try MoleculeRecord(
          configuration, system: molecule, training: training,
          reference: isAlone
            ? nil : try molecule.existing(reference, molecule.referencePath, "reference"),
          heldOut: isAlone ? HeldOutFrames(ofFrames: try trajectoryFrames(path: training)) : nil,
          initial: initial?.path, kernel: kernel, context: context))
      return
    case .simulation(let time, let settings):
      pending = try PendingRun(
        system: molecule, configuration: configuration, time: time, settings: settings,
        initial: initial?.path)
    case .energy(let reference):
      pending = try PendingRun(
        learningFromEnergyOf: molecule, configuration: configuration,
        reference: reference ?? molecule.existingReference, initial: initial?.path)
    }
    // A structure that is missing or unusable must not leave a folder.
    let start = try molecule.startPath()
    _ = try InputFile(path: start)
    _ = try readStart(start, of: molecule)
    let folder = try RunFolder.create(folder())
    if let built, case .simulation = source {
      try built.writeStarts(
        count: pending.simulation.chains, seed: configuration.seed, of: molecule,
        version: context.version, execution: context.execution)
    }
    try pending.write(in: folder)
    context.log.info("run folder \(folder.path): simulating the frames first")
    try self.init(goingOn: folder.path, kernel: kernel, context: context)
  }

  /// A run that goes on, its frames simulated to the end first if they are not.
  ///
  /// - Parameters:
  ///   - steps: The steps that the training is to have from here on; nil for its own.
  ///   - training: Where its training trajectory is, if not where it was.
  ///   - reference: Where its reference is.
  ///   - advice: What to do about a trajectory that is missing, by its kind.
  /// - Throws: `RunError.missing` for a trajectory that is not there, as
  ///   `init(resuming:kernel:context:)`, and what simulating throws.
  package init(
    goingOn path: String, steps: Int? = nil, training: String? = nil, reference: String? = nil,
    advice: (String) -> String = { _ in "restore it" }, kernel: String, context: RunContext
  ) throws {
    if let pending = try PendingRun.read(in: path) {
      let folder = RunFolder(path: path)
      try withLock(on: path) {
        if !RunFolder.isRun(path) {
          do {
            try pending.simulate(in: folder, kernel: kernel, context: context)
              .write(path: folder.record)
          } catch RunError.interrupted(_, let step, let reason) {
            throw RunError.interrupted(run: path, step: step, reason: reason)
          }
        }
        try PendingRun.finish(folder)
      }
    }
    if RunFolder.isRun(path) {
      try MoleculeRecord.place(
        training: training, reference: reference, of: RunFolder(path: path), advice: advice)
    }
    if let steps {
      try MoleculeRecord.changeSteps(of: RunFolder(existing: path), to: steps)
    }
    try self.init(resuming: RunFolder(existing: path), kernel: kernel, context: context)
  }
}

extension MolecularSystem {
  /// The trajectory given, or the system's own.
  fileprivate func existing(
    _ given: String?, _ own: String, _ kind: String
  ) throws(RunError) -> String {
    let path = given ?? own
    guard FileManager.default.fileExists(atPath: path) else {
      let readme = "\(folder)/README.md"
      let isThere = FileManager.default.fileExists(atPath: readme)
      throw RunError.missing(
        what: "\(kind) trajectory of \(description.name)", path: path,
        advice: "simulate it: add --simulate 20ns; or pass --\(kind) FILE.nc, an AMBER NetCDF "
          + "trajectory" + (isThere ? " (see \(readme))" : ""))
    }
    return path
  }
}
