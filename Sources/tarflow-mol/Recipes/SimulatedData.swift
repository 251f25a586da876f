import Foundation
import Kernels
import Molecules
import Trajectories
import Yams

/// A run whose training frames are still being simulated: `config.pending.yaml`, until the run's own record is there.
struct PendingRun: Codable, Equatable {
  let system: String
  let configuration: RunConfiguration
  let simulation: SimulationSettings

  /// - Parameter time: Of each chain, ps.
  init(system: MolecularSystem, configuration: RunConfiguration, time: Double) throws {
    self.system = system.folder
    self.configuration = configuration
    var settings = SimulationSettings(
      time: time,
      temperatures: ReplicaExchange.temperatures(
        from: system.description.temperature, atoms: system.topology.atoms))
    settings.seed = configuration.seed
    // Some hundred thousand frames are plenty, and fit into memory.
    settings.saveEvery = max(1, time * Double(settings.chains) / 400_000)
    try settings.validate()
    simulation = settings
  }

  static func path(_ run: String) -> String { "\(run)/config.pending.yaml" }

  /// The pending run in a folder; nil if there is none.
  static func read(in run: String) throws -> PendingRun? {
    let path = path(run)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try YAMLDecoder().decode(
        PendingRun.self, from: try readText(path: path, what: "run", advice: "start it anew"))
    } catch let error as DecodingError {
      throw CommandError.badData(path: path, problem: yamlProblem(error))
    }
  }

  func write(in run: RunFolder) throws {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    try writeText(try encoder.encode(self), path: Self.path(run.path))
  }

  /// Simulates, from the newest checkpoint if there is one, and makes the run's `training.nc` and `reference.nc`.
  ///
  /// - Returns: The record of the run that is no longer pending; it is not written yet.
  func simulate(
    in run: RunFolder, kernel: String, interruption: Interruption, deadline: Date?,
    options: SharedOptions
  ) throws -> RunRecord {
    let molecule = try MolecularSystem(folder: system)
    let folder = SimulationFolder(path: run.simulation)
    if !folder.isComplete {
      let isNew = !FileManager.default.fileExists(atPath: folder.record)
      let record =
        isNew
        ? try SimulationRecord(simulation, system: molecule, start: nil)
        : try SimulationRecord.resumed(folder, log: options.log)
      try folder.create()
      if isNew { try record.write(path: folder.record) }
      let summary = try Simulation(record, system: molecule, options: options).run(
        in: folder, interruption: interruption, deadline: deadline,
        resumeCommand: "tarflow-mol train --resume \(run.path)")
      let rungs = summary.rungs
      options.log.info(
        """
        simulated \(summary.frames) frames at \(decimal(rungs[0].temperature, 0)) K, exchanging up to \
        \(decimal(rungs[rungs.count - 1].temperature, 0)) K; \(summary.roundTrips) round trips
        """)
    }
    try split(folder.trajectory, into: run, of: molecule, options: options)
    return RunRecord(
      program: "tarflow-mol \(TarflowMol.version)",
      arithmetic: Arithmetic(kernel: kernel, precision: configuration.training.precision),
      system: system,
      training: try .init(path: run.simulatedTraining),
      reference: try .init(path: run.simulatedReference),
      topology: try .init(path: "\(system)/\(molecule.description.topology)"),
      description: try .init(path: "\(system)/system.yaml"), configuration: configuration)
  }

  /// Removes what only a pending run needs; to be called when the run's record is on the disk.
  static func finish(_ run: RunFolder) {
    let manager = FileManager.default
    try? manager.removeItem(atPath: path(run.path))
    try? manager.removeItem(atPath: SimulationFolder(path: run.simulation).trajectory)
  }

  /// The last fifth of the time, thinned out and shuffled, becomes the reference; the rest is trained on.
  private func split(
    _ path: String, into run: RunFolder, of system: MolecularSystem, options: SharedOptions
  ) throws {
    let whole = try readFrames(path, of: system, log: options.log)
    let rounds = whole.frames / simulation.chains
    let first = max(1, rounds - max(1, rounds / 5)) * simulation.chains
    let held = whole.frames - first
    let count = min(held, 10_000)
    var generator = RandomGenerator(seed: configuration.seed, stream: .shuffling)
    // The evaluation compares the first frames, so that their order must not be that of time.
    let reference = (0..<count).map { first + $0 * held / count }.shuffled(using: &generator)
    for (frames, path) in [
      (Array(0..<first), run.simulatedTraining), (reference, run.simulatedReference),
    ] {
      try writeAmberTrajectory(
        whole.selected(frames), path: path, programVersion: TarflowMol.version,
        title: system.description.name)
    }
  }
}

extension Trajectory {
  /// The frames of these numbers, in their order.
  fileprivate func selected(_ frames: [Int]) -> Trajectory {
    let width = 3 * atoms
    return Trajectory(
      atoms: atoms,
      coordinates: frames.flatMap { coordinates[$0 * width..<($0 + 1) * width] },
      times: frames.map { times[$0] })
  }
}
