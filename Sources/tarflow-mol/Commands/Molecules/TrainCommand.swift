import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Logging
import Reporting
import Runs

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a flow on a system, sample from it, reweight, and compare with the reference.",
    discussion: """
      Fills a run folder: config.resolved.yaml, metrics.csv, checkpoints/, samples.nc, \
      samples.json, weights.csv, evaluation.json, histograms.csv. Ctrl-C or SIGTERM writes a \
      checkpoint; --resume continues exactly there.
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
      """
      Simulate the frames first, by replica exchange of this time for each of 8 chains, such as \
      20ns.
      """, valueName: "time"))
  var simulate: PhysicalTime?

  /// What a training may learn from in place of a trajectory.
  enum Source: String, ExpressibleByArgument, CaseIterable { case energy }

  @Option(
    help: """
      Learn from the energy alone, without a trajectory: begin at 1200 K and cool down.
      """)
  var from: Source?

  @OptionGroup var options: RunOptions
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if from != nil, training != nil || simulate != nil {
      throw ValidationError("--from energy needs no frames; leave --training and --simulate out")
    }
    if simulate != nil, training != nil || reference != nil {
      throw ValidationError(
        "--simulate gives both trajectories; leave --training and --reference out")
    }
    if options.resume != nil {
      try checkResume(of: "run", beside: ["resume", "maxHours"], and: options, precision, systems)
    } else if system == nil {
      throw ValidationError("name a system, such as AL3, or a run to --resume")
    }
  }

  func run() throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    let context = shared.context(stopReason: options.stopReason(interruption, from: start))
    let run = try trainingRun(kernel, context)
    let configuration = run.record.configuration
    let inputs = try TrainingInputs(run.record, context: context)
    let system = inputs.system
    try TrainedModel.checkMemory(
      conformations: configuration.sampling.count, atoms: system.topology.atoms)
    var training = try MoleculeTraining(inputs, context: context)
    let name = system.description.name
    try run.inFolder(options.newFolder(name), kernel: kernel, context: context) { folder in
      let resume = "train --resume \(folder.path)"
      let model = try resumable(by: resume) { try training.run(in: folder) }
      interruption.endAtOnce(resumingBy: resume)
      let weighted = try WeightedProposals(
        try model.drawProposals(
          configuration.sampling, seed: configuration.seed, context: context),
        of: system, clip: configuration.evaluation.clippedFraction, execution: context.execution)
      let drawn = Draw(
        configuration.sampling, seed: configuration.seed, program: context.program)
      try weighted.write(
        samples: folder.samples, weights: folder.weights, drawn: drawn, system: system,
        context: context)
      if let reference = inputs.reference, let file = run.record.reference {
        let comparison = try Comparison(
          weighted, with: reference, of: system, options: configuration.evaluation,
          referenceLogDensities: model.logDensities(
            of: reference, configuration.sampling, seed: configuration.seed,
            execution: context.execution),
          execution: context.execution)
        for warning in comparison.warnings { context.log.warning("\(warning)") }
        let report = run.record.report(comparison, reference: file, drawn: drawn)
        try comparison.write(report, to: folder.evaluationFiles)
        try printResult(report.table(of: system))
      } else {
        try printResult(WeightsSummary(weighted.weights).text)
      }
      let seconds = Date().timeIntervalSince(start)
      context.log.info("\(folder.path) is complete after \(durationText(seconds: seconds))")
    }
  }

  /// The run of the command line, its frames simulated if it is to have its own.
  private func trainingRun(
    _ kernel: String, _ context: RunContext
  ) throws -> TrainingRun<MoleculeRecord> {
    if let resume = options.resume {
      if let pending = try PendingRun.read(in: resume) {
        try simulateFrames(of: pending, in: RunFolder(path: resume), kernel, context)
      }
      let folder = try RunFolder(existing: resume)
      return try TrainingRun(resuming: folder, kernel: kernel, context: context)
    }
    let molecule = try MolecularSystem(folder: try systems.find(system ?? ""))
    let configuration = try configuration(of: molecule)
    guard simulate != nil || from != nil else {
      let record = try record(of: molecule, configuration, kernel, context)
      try options.checkOutput()
      return TrainingRun(beginning: record)
    }
    try options.checkOutput()
    let pending =
      if let simulate {
        try PendingRun(system: molecule, configuration: configuration, time: simulate.picoseconds)
      } else {
        try PendingRun(
          learningFromEnergyOf: molecule, configuration: configuration,
          reference: reference ?? molecule.existingReference)
      }
    // A structure that is missing or unusable must not leave a folder.
    let start = try molecule.startPath()
    _ = try InputFile(path: start)
    _ = try readStart(start, of: molecule)
    let folder = try RunFolder.create(options.newFolder(molecule.description.name))
    try pending.write(in: folder)
    context.log.info("run folder \(folder.path): simulating the frames first")
    try simulateFrames(of: pending, in: folder, kernel, context)
    return try TrainingRun(resuming: folder, kernel: kernel, context: context)
  }

  /// Simulates the frames of a run that has none yet, and writes its record.
  private func simulateFrames(
    of pending: PendingRun, in folder: RunFolder, _ kernel: String, _ context: RunContext
  ) throws {
    try withLock(on: folder.path) {
      if !RunFolder.isRun(folder.path) {
        try resumable(by: "train --resume \(folder.path)") {
          try pending.simulate(in: folder, kernel: kernel, context: context)
            .write(path: folder.record)
        }
      }
      PendingRun.finish(folder)
    }
  }

  /// The settings on the command line over the system's own.
  private func configuration(of molecule: MolecularSystem) throws -> RunConfiguration {
    let defaults = try ConfigurationLayer(defaultsOf: molecule.descriptionPath)
    var configuration = try resolveConfiguration(
      RunConfiguration(),
      layers: [
        defaults, from.map { _ in try .fromEnergy(temperature: molecule.description.temperature) },
      ]
      .compactMap { $0 } + options.layers() + precision.layers())
    // A run that is resumed elsewhere goes on with the precision that it began with.
    configuration.training.precision = configuration.training.precision.resolved
    return configuration
  }

  /// What a new run computes.
  private func record(
    of molecule: MolecularSystem, _ configuration: RunConfiguration, _ kernel: String,
    _ context: RunContext
  ) throws -> MoleculeRecord {
    func existing(_ given: String?, _ own: String, _ kind: String) throws -> String {
      let path = given ?? own
      guard FileManager.default.fileExists(atPath: path) else {
        throw RunError.missing(
          what: "\(kind) trajectory of \(molecule.description.name)", path: path,
          advice: "simulate it: add --simulate 20ns; or pass --\(kind) FILE.nc, an AMBER NetCDF "
            + "trajectory (see \(molecule.folder)/README.md)")
      }
      return path
    }
    return try MoleculeRecord(
      configuration, system: molecule,
      training: try existing(training, molecule.trainingPath, "training"),
      reference: try existing(reference, molecule.referencePath, "reference"),
      kernel: kernel, context: context)
  }
}
