import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// A run whose training frames are still being simulated: `config.pending.yaml`, until the run's
/// own record is there.
///
/// A run that learns from the energy alone simulates for some picoseconds at the temperature where
/// it begins: they say how far bonds, angles and torsions reach there.
package struct PendingRun: Codable, Equatable, Sendable {
  package let system: String
  package let configuration: RunConfiguration
  package let simulation: SimulationSettings
  /// The trajectory to compare with, for a run that learns from the energy alone.
  private let referenceFile: InputFile?
  /// Its path, in records of programs that wrote nothing else of it.
  private let reference: String?
  /// The model whose weights the training begins with; nil for random ones.
  private let initialFile: InputFile?
  /// Its path, in records of programs that wrote nothing else of it.
  private let initial: String?

  private enum CodingKeys: String, CodingKey {
    case system, configuration, simulation, reference, initial
    case referenceFile = "reference_file"
    case initialFile = "initial_file"
  }

  /// Frames that are plenty for a training and fit into memory.
  private static let mostFrames = 400_000.0
  /// Frames of the reference: the evaluation compares no more.
  private static let referenceFrames = 10_000

  /// - Parameters:
  ///   - time: Of each chain, ps.
  ///   - layers: Further settings of the simulation.
  ///   - initial: The model to begin with.
  /// - Throws: `RunError.configuration`, or `.missing` for a model that is not there.
  package init(
    system: MolecularSystem, configuration: RunConfiguration, time: Double,
    settings layers: [ConfigurationLayer] = [], initial: String? = nil
  ) throws {
    self.system = system.folder
    self.configuration = configuration
    var settings = SimulationSettings(
      time: time,
      temperatures: ReplicaExchange.temperatures(
        from: system.description.temperature, atoms: system.topology.atoms))
    settings.seed = configuration.seed
    // Frames that follow each other closely still teach the stiff coordinates something.
    settings.saveEvery = max(0.2, time * Double(settings.chains) / Self.mostFrames)
    var simulation = try resolveConfiguration(settings, layers: layers)
    simulation.framesOfEveryRung = configuration.framesOfEveryRung
    guard simulation.frames >= 2 * simulation.chains else {
      throw RunError.configuration(
        source: "simulation",
        problem: "the time is \(simulation.time) ps, a single frame of each chain; expected at "
          + "least \(2 * simulation.saveEvery) ps: some frames are held out of the training")
    }
    self.simulation = simulation
    (referenceFile, reference) = (nil, nil)
    initialFile = try initial.map { try InputFile(path: $0) }
    self.initial = nil
  }

  /// A run that learns from the energy alone.
  ///
  /// - Parameters:
  ///   - reference: A trajectory to compare with.
  ///   - initial: The model to begin with.
  /// - Throws: `RunError.configuration`, or `.missing` for a file that is not there.
  package init(
    learningFromEnergyOf system: MolecularSystem, configuration: RunConfiguration,
    reference: String?, initial: String? = nil
  ) throws {
    self.system = system.folder
    self.configuration = configuration
    referenceFile = try reference.map { try InputFile(path: $0) }
    self.reference = nil
    initialFile = try initial.map { try InputFile(path: $0) }
    self.initial = nil
    var settings = SimulationSettings(
      time: 40,
      temperatures: [configuration.energies.startRatio * system.description.temperature])
    (settings.saveEvery, settings.seed) = (0.05, configuration.seed)
    settings.timeStep = 0.0005
    try settings.validate()
    simulation = settings
  }

  private var learnsFromEnergy: Bool { configuration.learnsFromEnergy }

  private static func path(_ run: String) -> String { "\(run)/config.pending.yaml" }

  /// The pending run in a folder; nil if there is none.
  /// - Throws: `RunError`.
  package static func read(in run: String) throws -> PendingRun? {
    let path = path(run)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try decodeYAML(
        PendingRun.self, from: try readInput(path: path, what: "run", advice: "start a new run"))
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError.badData(path: path, problem: yamlProblem(error))
    }
  }

  /// The model that the training begins with, which may be gone; nil for random weights.
  var initialModel: InputFile? {
    get throws { try initialFile ?? initial.map { try InputFile(path: $0) } }
  }

  /// - Throws: `RunError.unwritable`.
  package func write(in run: RunFolder) throws {
    try writeText(try yamlText(self), path: Self.path(run.path))
  }

  /// Simulates, from the newest checkpoint if there is one and with the ranks that follow, and
  /// divides the frames into the run's `training.nc` and `reference.nc`, and those of hotter rungs,
  /// where they are learned, into `training.rung2.nc`, ….
  ///
  /// - Parameter kernel: The kernel of OpenBLAS.
  /// - Returns: The record of the run that is no longer pending; it is not written yet.
  /// - Throws: `RunError`, `SimulationError` or `TrajectoryError`.
  package func simulate(
    in run: RunFolder, kernel: String, context: RunContext
  ) throws -> MoleculeRecord {
    let molecule = try MolecularSystem(folder: system)
    let own = try unchanged(referenceFile, in: run) ?? reference
    let start = try unchanged(initialFile, in: run) ?? initial
    if !run.simulation.isComplete {
      let summary = try simulate(molecule, in: run.simulation, context: context)
      let (lowest, highest) = (summary.rungs[0], summary.rungs[summary.rungs.count - 1])
      let exchange =
        summary.rungs.count == 1
        ? ""
        : ", exchanging up to \(highest.temperature.fixed(0)) K; "
          + summary.roundTrips.counted("round trip")
      context.log.info(
        "simulated \(summary.frames) frames at \(lowest.temperature.fixed(0)) K\(exchange)")
    }
    if learnsFromEnergy {
      let frames = try readConformations(
        run.simulation.trajectory, of: molecule, log: context.log)
      try writeAmberTrajectory(
        frames, path: run.simulatedTraining, programVersion: context.version,
        title: molecule.description.name)
    } else {
      try split(run.simulation.trajectory, into: run, of: molecule, context: context)
    }
    return try MoleculeRecord(
      configuration, system: molecule, training: run.simulatedTraining,
      reference: learnsFromEnergy ? own : run.ownReference, initial: start,
      kernel: kernel, context: context)
  }

  /// The path of an input that is still what it was, where it was or in the run's folder; nil for
  /// none.
  /// - Throws: `RunError.badData` when it is not, `.missing` when it is gone.
  private func unchanged(_ file: InputFile?, in run: RunFolder) throws -> String? {
    guard let file else { return nil }
    do {
      try file.checkUnchanged()
      return file.path
    } catch {
      guard let copy = try? file.moved(to: "\(run.path)/\(file.name)") else { throw error }
      return copy.path
    }
  }

  private func simulate(
    _ molecule: MolecularSystem, in folder: SimulationFolder, context: RunContext
  ) throws -> SimulationSummary {
    let record: SimulationRecord
    if FileManager.default.fileExists(atPath: folder.record) {
      record = try .resumed(folder, context: context)
    } else {
      record = try SimulationRecord(
        simulation, system: molecule,
        start: learnsFromEnergy ? molecule.startPath() : molecule.simulationStartPath(),
        context: context)
      try createFolder(folder.path)
      try record.keepInputs(in: folder.path)
      try record.write(path: folder.record)
    }
    let ready = try Simulation(record, system: molecule, context: context)
    try Simulation.announce(record, in: folder, context.ranks)
    return try ready.run(in: folder)
  }

  /// Removes what only a pending run needs; to be called when the run's record is on the disk.
  /// - Throws: `FileError`.
  package static func finish(_ run: RunFolder) throws(FileError) {
    let (manager, simulation) = (FileManager.default, run.simulation)
    let hotter = (1...).lazy.map { simulation.trajectory(rung: $0) }
      .prefix { manager.fileExists(atPath: $0) }
    // What is gone is not to be looked for. The pending run goes last, so that a stop in between is
    // followed by another call; the hottest frames go first, since they are found by counting.
    for frames in hotter.reversed() + [simulation.trajectory] {
      try ChecksumList.remove(frames)
      try? manager.removeItem(atPath: frames)
    }
    try? manager.removeItem(atPath: path(run.path))
  }

  /// The frames of the reference in random order: of those that are held out an even subset, with
  /// the same share of each of the chains, which take turns in whole rounds.
  static func reference(among held: Range<Int>, chains: Int, seed: UInt64) -> [Int] {
    let rounds = held.count / chains
    // The file says which chain and time each frame is of, so that the order means nothing.
    var generator = RandomGenerator(seed: seed, stream: .shuffling)
    // Chain by chain: a subset of frames that take turns prefers some of the chains.
    return stridedIndices(count: rounds * chains, points: referenceFrames)
      .map { held.lowerBound + $0 % rounds * chains + $0 / rounds }
      .sorted().shuffled(using: &generator)
  }

  /// The last fifth of the time, thinned out and shuffled, becomes the reference; the rest is
  /// trained on.
  private func split(
    _ path: String, into run: RunFolder, of system: MolecularSystem, context: RunContext
  ) throws {
    let whole = try readFrames(path, of: system, log: context.log)
    let rounds = whole.frames / simulation.chains
    let first = max(1, rounds - max(1, rounds / 5)) * simulation.chains
    let reference = Self.reference(
      among: first..<whole.frames, chains: simulation.chains, seed: configuration.seed)
    func write(
      _ frames: [Int], of whole: Trajectory, to path: String, temperature: Double? = nil
    ) throws {
      let chosen = whole.selected(frames)
      let file = try GrowingTrajectory(
        creating: path, atoms: chosen.atoms, hasTemperatures: temperature != nil,
        programVersion: context.version, title: system.description.name)
      try file.append(
        chosen.coordinates, times: chosen.times,
        chains: frames.map { Int32($0 % simulation.chains) },
        temperatures: temperature.map { [Double](repeating: $0, count: frames.count) })
      try file.flush()
    }
    try write(Array(0..<first), of: whole, to: run.simulatedTraining)
    try write(reference, of: whole, to: run.ownReference)
    for rung in simulation.keptRungs.dropFirst() {
      let hot = try readConformations(
        run.simulation.trajectory(rung: rung), of: system, log: context.log)
      try write(
        Array(0..<first), of: hot, to: run.simulatedTraining(rung: rung),
        temperature: simulation.temperatures[rung])
    }
  }
}
