import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Logging
import Reporting
import Runs

struct TrainCommand: SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a flow on a system, sample from it, reweight, and compare with the reference.",
    discussion: """
      Fills a run folder: config.resolved.yaml, metrics.csv, checkpoints/, samples.nc, \
      samples.json, weights.csv, evaluation.json, histograms.csv, report.html. Ctrl-C or SIGTERM \
      writes a checkpoint; --resume continues exactly there.
      """)

  @Argument(
    help: "A system: a name such as AL3, or a folder with system.yaml. Not needed with --resume.")
  var system: String?

  @OptionGroup var sequence: SequenceOption

  @Option(
    help: ArgumentHelp("The temperature of --sequence in K, 300 by default.", valueName: "K"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      """
      The trajectory to train on, in place of the system's, AMBER NetCDF or DCD. With --resume: \
      where it is now.
      """, valueName: "file.nc"))
  var training: String?

  @Option(
    help: ArgumentHelp(
      """
      The trajectory to validate and compare with. Without one, neither here nor in the system's \
      folder, the last fifth of the training trajectory is held out.
      """, valueName: "file.nc"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      """
      Simulate the frames first, by replica exchange of this time for each of 8 chains, such as \
      20ns.
      """, valueName: "time"))
  var simulate: PhysicalTime?

  @Option(
    help: ArgumentHelp(
      """
      'energy': learn from the energy alone, without a trajectory; begin at 1200 K and cool down. \
      Or a run, a system with a model, or a model's file: begin with its weights.
      """, valueName: "energy|run"))
  var from: String?

  @Option(help: "With --resume: the steps that the training is to have; more than it has done.")
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "A way to train that the system knows, such as best: recipes/NAME.yaml in its folder.",
      valueName: "name"))
  var recipe: String?

  @OptionGroup var options: RunOptions
  @OptionGroup var resuming: ResumeIfPresentOption
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if from == "energy", training != nil || simulate != nil {
      throw ValidationError("--from energy needs no frames; leave --training and --simulate out")
    }
    if simulate != nil, training != nil || reference != nil {
      throw ValidationError(
        "--simulate gives both trajectories; leave --training and --reference out")
    }
    try resuming.check(beside: options)
    if steps != nil, options.resume == nil {
      throw ValidationError(
        "--steps lengthens a run to --resume; for a new one: --set training.steps")
    }
    if options.resume != nil {
      try checkResume(
        of: "run", beside: ["resume", "steps", "training", "reference"], and: options, precision,
        systems, sequence,
        sequence.building
      )
    } else if system == nil, sequence.sequence == nil {
      throw ValidationError("name a system, such as AL3, or a run to --resume")
    }
    try sequence.check(beside: system)
    try check("--temperature", temperature, MolecularSystem.temperatures)
    if temperature != nil, sequence.sequence == nil {
      throw ValidationError(
        "--temperature belongs to --sequence; that of a system is in its system.yaml")
    }
    // A run that goes on has its frames, whatever the command line leaves out.
    if sequence.sequence != nil, simulate == nil, from != "energy", training == nil,
      resuming.begunRun(options) == nil
    {
      throw ValidationError("a --sequence has no frames yet; add --simulate 10ns")
    }
  }

  mutating func run() throws {
    try checkMolecule(options.resume) { "resume it: tarflow-mol image train --resume \($0)" }
    try checkMolecule(from) {
      "begin with its weights: tarflow-mol image train --weights "
        + (RunFolder.isRun($0) ? RunFolder(path: $0).model : $0)
    }
    let ranks = joinRanks()
    guard ranks.isFirst else { return try follow(ranks) }
    if let run = resuming.begunRun(options) {
      let begun = try BegunRun(run)
      let layers = try options.layers() + precision.layers()
      try resuming.resume(
        run, in: &options, layers: layers, begun: begun.configuration,
        difference: try difference(from: begun, layers))
    }
    guard options.resume == nil else { return try train(nil, ranks) }
    let built = try sequence.build(into: &options, temperature: temperature)
    if let built { system = built.system }
    try train(built?.settings, ranks)
  }

  /// Trains with the first rank, which has the run and writes its files.
  private func follow(_ ranks: Ranks) throws {
    let interruption = Interruption()
    try loadBLAS()
    let context = shared.context(ranks: ranks, stopReason: options.limit.stopReason(interruption))
    try following {
      while try Simulation.follow(context) {}
      guard let record = try MoleculeRecord.ofFirst(nil, ranks) else { return }
      var training = try MoleculeTraining(
        TrainingInputs(record, context: context), context: context)
      _ = try training.run(in: RunFolder.ofFirst(nil, ranks))
    }
  }

  private func train(_ built: BuildSettings?, _ ranks: Ranks) throws {
    let start = Date()
    let interruption = Interruption()
    let kernel = try loadBLAS()
    let context = shared.context(
      ranks: ranks, stopReason: options.limit.stopReason(interruption, from: start))
    try resumable(by: { "train --resume \($0)" }) {
      let run = try context.parts.measure("frames") {
        try trainingRun(built, kernel, context)
      }
      // The frames are there.
      try Simulation.announce(nil, ranks)
      _ = try MoleculeRecord.ofFirst(run.record, ranks)
      let inputs = try context.parts.measure("reading") {
        try TrainingInputs(run.record, context: context)
      }
      try TrainedModel.checkMemory(
        conformations: run.record.configuration.sampling.count,
        atoms: inputs.system.topology.atoms)
      var training = try context.parts.measure("fitting the representation") {
        try MoleculeTraining(inputs, context: context)
      }
      let name = inputs.system.description.name
      try run.inFolder(options.newFolder(name), kernel: kernel, context: context) { folder in
        _ = try RunFolder.ofFirst(folder, ranks)
        let model = try context.parts.measure("training") { try training.run(in: folder) }
        leaveRanks()
        interruption.endAtOnce(resumingBy: "train --resume \(folder.path)")
        let table = try run.record.complete(model, inputs, in: folder, context: context)
        context.parts.measure("report") { writeRunReport(in: folder, context: context) }
        try printResult(table)
        noteCompletion(of: folder.path, since: start, context)
      }
    }
  }

  /// The run of the command line, its frames simulated if it is to have its own.
  private func trainingRun(
    _ built: BuildSettings?, _ kernel: String, _ context: RunContext
  ) throws -> TrainingRun<MoleculeRecord> {
    if let resume = options.resume {
      return try TrainingRun(
        goingOn: resume, steps: steps, training: training, reference: reference,
        advice: { "give it by --\($0) FILE, or copy it into \(resume)" }, kernel: kernel,
        context: context)
    }
    let molecule = try MolecularSystem(folder: try systems.find(system ?? ""))
    let recipe = try recipe.map { try Recipe($0, of: molecule) }
    let source = try source(recipe)
    let initial = try from.flatMap {
      $0 == "energy" ? nil : try InitialModel(try ModelPlace($0, systems: systems.systems))
    }
    let configuration = try RunConfiguration.resolved(
      for: molecule, from: source, recipe: recipe, initial: initial,
      others: try options.layers() + precision.layers(), log: context.log)
    let run = {
      try TrainingRun(
        of: molecule, configuration, from: source, built: built, initial: initial,
        folder: { options.newFolder(molecule.description.name) }, kernel: kernel, context: context)
    }
    if case .trajectories = source {
      let begun = try run()
      try options.checkOutput()
      return begun
    }
    try options.checkOutput()
    return try run()
  }

  /// What the command line or else the recipe says that the training learns from.
  func source(_ recipe: Recipe?) throws -> FrameSource {
    if let simulate {
      return .simulation(
        time: simulate.picoseconds, settings: recipe?.simulationLayers ?? [])
    }
    if from == "energy" { return .energy(reference: reference) }
    if training == nil, let source = try recipe?.source() {
      if case .energy = source { return .energy(reference: reference) }
      if reference != nil {
        throw ValidationError("the recipe simulates both trajectories; leave --reference out")
      }
      return source
    }
    return .trajectories(training: training, reference: reference)
  }
}
