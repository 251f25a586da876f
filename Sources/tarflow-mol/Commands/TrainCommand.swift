import ArgumentParser
import Foundation
import Kernels

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

  @Option(help: ArgumentHelp("Settings in YAML, over the system's defaults.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "One setting, such as training.steps=500; wins over --config.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("The run folder; runs/NAME by default.", valueName: "folder"))
  var output: String?

  @Option(help: "The seed of all randomness; wins over the configuration.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Stop after this time with a checkpoint (exit code 75).", valueName: "hours")
  )
  var maxHours: Double?

  @Option(
    help: ArgumentHelp("Continue a run where its newest checkpoint stopped.", valueName: "run"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "The trajectory to train on, in place of the system's.", valueName: "file.nc"))
  var training: String?

  @Option(help: ArgumentHelp("The trajectory to validate and compare with.", valueName: "file.nc"))
  var reference: String?

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard resume != nil else {
      if system == nil { throw ValidationError("name a system, such as AL3, or a run to --resume") }
      return
    }
    if config != nil || !settings.isEmpty || output != nil || seed != nil || training != nil
      || reference != nil
    {
      throw ValidationError("--resume takes everything from the run; leave the other settings out")
    }
  }

  func run() throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    let run = try resume.map { try RunFolder(existing: $0) } ?? startRun(kernel: kernel)
    let record = try RunRecord.read(path: run.record)
    try record.checkInputs()
    shared.log.info(
      "run folder \(run.path), BLAS kernel \(kernel), \(shared.workers) threads, seed \(record.configuration.seed)"
    )
    let inputs = try TrainingInputs(run: run, record: record, log: shared.log)
    let model = try trainModel(
      inputs, options: shared, interruption: interruption,
      deadline: maxHours.map { start.addingTimeInterval($0 * 3_600) })
    interruption.endAtOnce()
    let configuration = record.configuration
    let proposals = drawProposals(
      model, count: configuration.sampling.count, seed: configuration.seed, options: shared)
    let energies = try writeProposals(
      proposals, system: inputs.system, samples: run.samples, weights: run.weights,
      clip: configuration.evaluation.clip, options: shared)
    let compared = try compare(
      proposals.trajectory, energies: energies, logDensities: proposals.logDensities,
      with: inputs.reference,
      system: inputs.system, configuration: configuration, workers: shared.workers)
    try writeText(try json(compared.result), path: run.evaluation)
    try writeText(csv(compared.histogram), path: run.histograms)
    try printResult(resultsTable(compared.result, system: inputs.system))
    shared.log.info("\(run.path) is complete after \(duration(Date().timeIntervalSince(start)))")
  }

  /// Resolves the settings and makes the run folder with its record.
  private func startRun(kernel: String) throws -> RunFolder {
    let folder = try findSystem(system ?? "", in: systems.systems)
    var settings = settings
    if let seed { settings.append("seed=\(seed)") }
    let configuration = try resolveConfiguration(
      systemPath: "\(folder)/system.yaml", file: config, settings: settings)
    let molecule = try MolecularSystem(folder: folder)
    let record = RunRecord(
      program: "tarflow-mol \(TarflowMol.version)", kernel: kernel, system: folder,
      training: try .init(
        path: try molecule.trajectoryPath(
          "training", given: training, named: molecule.description.training)),
      reference: try .init(
        path: try molecule.trajectoryPath(
          "reference", given: reference, named: molecule.description.reference)),
      topology: try .init(path: "\(folder)/\(molecule.description.topology)"),
      configuration: configuration)
    let run = try RunFolder.create(output, name: molecule.description.name)
    try record.write(path: run.record)
    return run
  }
}
