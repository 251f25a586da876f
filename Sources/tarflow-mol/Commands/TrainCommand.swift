import ArgumentParser
import Foundation
import Kernels
import Logging

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a flow on a system, sample from it, reweight, and compare with the reference.",
    discussion: """
      Makes a run folder: config.resolved.yaml, metrics.csv, checkpoints/, samples.nc, weights.csv, evaluation.json, \
      histograms.csv. Ctrl-C or SIGTERM writes a checkpoint; --resume goes on exactly there.
      """)

  @Argument(
    help: "A system: a name such as AL3, or a folder with system.yaml. Not needed with --resume.")
  var system: String?

  @Option(
    help: ArgumentHelp(
      "The trajectory to train on, in place of the system's.", valueName: "file.nc"))
  var training: String?

  @Option(help: ArgumentHelp("The trajectory to validate and compare with.", valueName: "file.nc"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Make the frames first, by replica exchange of this time for each of 8 chains, such as 20ns.",
      valueName: "time"))
  var simulate: PhysicalTime?

  @OptionGroup var options: TrainingOptions
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if simulate != nil, training != nil || reference != nil {
      throw ValidationError(
        "--simulate makes both trajectories; leave --training and --reference out")
    }
    guard options.resume != nil else {
      if system == nil { throw ValidationError("name a system, such as AL3, or a run to --resume") }
      return
    }
    if system != nil || training != nil || reference != nil || simulate != nil
      || systems.systems != nil
    {
      throw ValidationError("--resume takes everything from the run; leave the other settings out")
    }
  }

  func run() throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    let deadline = options.deadline(from: start)
    let simulated = try simulatedRun(kernel, interruption: interruption, deadline: deadline)
    let resumed = try simulated ?? options.resume.map { try RunFolder(existing: $0) }
    let record = try resumed.map { try resumedRecord($0, kernel: kernel) } ?? newRecord(kernel)
    if resumed == nil { try RunFolder.checkFree(options.output) }
    let inputs = try TrainingInputs(record: record, log: shared.log)
    try checkMemory(
      count: record.configuration.sampling.count, atoms: inputs.system.topology.atoms)
    var training = try Training(inputs, options: shared)
    let run = try resumed ?? RunFolder.create(options.output, name: inputs.system.description.name)
    let lock = try RunLock(run)
    defer { lock.release() }
    if resumed == nil { try record.write(path: run.record) }
    let configuration = record.configuration
    let precision = configuration.training.precision
    let arithmetic = Arithmetic(kernel: kernel, precision: precision)
    shared.log.info(
      """
      run folder \(run.path), \(arithmetic.description(precision: precision)), \
      \(shared.workers) threads, \
      seed \(configuration.seed)
      """
    )
    let model = try training.run(
      in: run, interruption: interruption, deadline: deadline)
    interruption.endAtOnce(trainedRun: run.path)
    let proposals = try drawProposals(
      model, count: configuration.sampling.count, seed: configuration.seed,
      sampling: configuration.sampling, options: shared)
    let energies = try writeProposals(
      proposals, system: inputs.system, samples: run.samples, weights: run.weights,
      clip: configuration.evaluation.clip, options: shared)
    let compared = try compare(
      proposals.trajectory, energies: energies, logDensities: proposals.logDensities,
      with: inputs.reference,
      system: inputs.system, configuration: configuration, execution: shared.execution)
    try writeText(try json(compared.result), path: run.evaluation)
    try writeText(csv(compared.histogram), path: run.histograms)
    try printResult(resultsTable(compared.result, system: inputs.system))
    shared.log.info("\(run.path) is complete after \(duration(Date().timeIntervalSince(start)))")
  }

  /// A run with frames of its own making, new or resumed, once they are there; nil for any other run.
  private func simulatedRun(
    _ kernel: String, interruption: Interruption, deadline: Date?
  ) throws -> RunFolder? {
    let pending: PendingRun
    let run: RunFolder
    if let resume = options.resume {
      guard let found = try PendingRun.read(in: resume) else { return nil }
      (pending, run) = (found, RunFolder(path: resume))
    } else if let simulate {
      try RunFolder.checkFree(options.output)
      let (folder, configuration) = try systemAndConfiguration()
      let molecule = try MolecularSystem(folder: folder)
      pending = try PendingRun(
        system: molecule, configuration: configuration, time: simulate.picoseconds)
      _ = try SimulationRecord(pending.simulation, system: molecule, start: nil)
      run = try RunFolder.create(options.output, name: molecule.description.name)
      try pending.write(in: run)
      shared.log.info("run folder \(run.path): simulating the frames first")
    } else {
      return nil
    }
    let lock = try RunLock(run)
    defer { lock.release() }
    if !RunFolder.isRun(run.path) {
      try pending.simulate(
        in: run, kernel: kernel, interruption: interruption, deadline: deadline, options: shared
      ).write(path: run.record)
    }
    PendingRun.finish(run)
    return run
  }

  /// The system's folder, and the settings on the command line over its own.
  private func systemAndConfiguration() throws -> (folder: String, RunConfiguration) {
    let folder = try findSystem(system ?? "", in: systems.systems)
    var configuration: RunConfiguration = try resolveConfiguration(
      systemPath: "\(folder)/system.yaml", file: options.config, settings: options.settings)
    // A run that is resumed elsewhere goes on with the precision that it began with.
    configuration.training.precision = configuration.training.precision.resolved
    return (folder, configuration)
  }

  /// What a new run computes, from what is on the command line.
  private func newRecord(_ kernel: String) throws -> RunRecord {
    let (folder, configuration) = try systemAndConfiguration()
    let molecule = try MolecularSystem(folder: folder)
    return RunRecord(
      program: "tarflow-mol \(TarflowMol.version)",
      arithmetic: Arithmetic(kernel: kernel, precision: configuration.training.precision),
      system: folder,
      training: try .init(
        path: try molecule.trajectoryPath(
          "training", given: training, named: molecule.description.training)),
      reference: try .init(
        path: try molecule.trajectoryPath(
          "reference", given: reference, named: molecule.description.reference)),
      topology: try .init(path: "\(folder)/\(molecule.description.topology)"),
      description: try .init(path: "\(folder)/system.yaml"), configuration: configuration)
  }

  /// What a run began to compute, when its inputs are still the same.
  private func resumedRecord(_ run: RunFolder, kernel: String) throws -> RunRecord {
    let record = try RunRecord.read(path: run.record)
    try record.checkInputs()
    record.arithmetic.warn(
      now: Arithmetic(kernel: kernel, precision: record.configuration.training.precision),
      log: shared.log)
    return record
  }
}
