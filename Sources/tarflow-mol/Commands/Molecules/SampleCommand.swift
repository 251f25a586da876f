import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Molecules
import Runs

struct SampleCommand: SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw independent conformations from a trained flow, with log-densities and weights.",
    discussion: """
      Writes samples.nc (AMBER NetCDF, every proposal a frame), samples.json (how they were drawn) \
      and weights.csv. Every call goes on in the run's random stream where the last one ended, so \
      that all samples of a run are independent and may be pooled. A system whose folder holds a \
      model needs no run, nor does a model's file: without --seed each of their draws has the same \
      conformations, those of seed 1 from its beginning, in runs/NAME-samples by default; give \
      another --seed for independent ones. With --sequence the \
      model is that of a system with the same molecule, energy and temperature, or of the run in \
      runs/ that was finished last.
      """)

  @Argument(
    help: ArgumentHelp(
      "A run folder, a system with a model, or a model's file. Not needed with --sequence.",
      valueName: "run"))
  var runPath: String?

  @Option(help: "A peptide that there is a model for, such as Ace-AEK-Nme.")
  var sequence: String?

  @OptionGroup var building: BuildOptions

  @Option(help: "The temperature of --sequence in K, 300 by default.")
  var temperature: Double?

  @Option(name: [.customShort("n"), .long], help: "How many conformations.")
  var count = 10_000

  /// Another name of the same.
  @Option(name: .customLong("number"), help: .hidden)
  var formerCount: Int?

  private var number: Int { formerCount ?? count }

  @Option(
    help: ArgumentHelp(
      "The system of a model's file; of a run, in place of its own.", valueName: "system"))
  var system: String?

  @Option(
    help: """
      The standard deviation of the prior, about 1; the run's by default. A larger one gives wider \
      proposals.
      """)
  var priorScale: Double?

  @Option(
    help: """
      The arithmetic of the flow's large products: auto, fp32 or bf16; the run's by default, fp32. \
      The log-densities are always those of what was drawn.
      """)
  var precision: Precision?

  @Option(
    help: """
      Draw from the beginning of this seed's stream; the run goes on in its own by default. The same \
      seed draws the same conformations.
      """)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      Draw one piece of the -n conformations, such as 3/8, with --seed and --output; `merge` puts \
      them together.
      """, valueName: "i/n"))
  var shard: Shard?

  @Option(
    help: ArgumentHelp(
      "Where the files go; the run folder by default.", valueName: "folder"))
  var output: String?

  @OptionGroup(title: "Sequential Monte Carlo") var annealing: AnnealingOptions
  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if (runPath == nil) == (sequence == nil) {
      throw ValidationError("name a run, a system with a model, or a --sequence")
    }
    if sequence != nil, system != nil {
      throw ValidationError("name a --sequence or a --system, not both")
    }
    if sequence == nil, building.isGiven || temperature != nil {
      throw ValidationError(
        "--force-field, --solvent, --radii, --salt, --disulfide, --cis and --temperature belong to "
          + "--sequence")
    }
    try check("--temperature", temperature, MolecularSystem.temperatures)
    try check("-n", number, .between(SamplingOptions.counts))
    try check("--prior-scale", priorScale, .priorScale)
    if let shard {
      guard seed != nil, output != nil, !annealing.smc else {
        throw ValidationError("--shard needs a --seed and an --output, and goes without --smc")
      }
      try check("the shards of --shard", shard.count, .between(1...number))
    }
    if annealing.smc, priorScale != nil || precision != nil {
      throw ValidationError(
        "--smc draws with the flow's own prior in fp32; leave out "
          + "--prior-scale and --precision")
    }
  }

  mutating func run() throws {
    let ranks = joinRanks()
    guard ranks.count > 1 else { return try show(try draw()) }
    guard shard == nil, seed != nil, let target = output else {
      throw ValidationError("ranks share a draw with a --seed and an --output, without --shard")
    }
    guard !annealing.smc else { return try anneal(ranks) }
    let names = (1...ranks.count).map { "\(target)/rank-\($0)-of-\(ranks.count)" }
    if ranks.isFirst {
      try checkFiles(in: target)
    }
    (shard, output) = (Shard("\(ranks.rank + 1)/\(ranks.count)"), names[ranks.rank])
    overwrite.overwrite = true
    _ = try draw()
    _ = ranks.gathered(0)
    leaveRanks()
    guard ranks.isFirst else { return }
    let context = shared.context()
    func merge() throws -> [String] { try mergeSamples(names, to: target, context: context) }
    let isOwn = runPath.map { isRun($0, writtenTo: target) } ?? false
    let files = try isOwn ? withLock(on: target, merge) : merge()
    for name in names { try? FileManager.default.removeItem(atPath: name) }
    try show(files)
  }

  /// Anneals with the other ranks; the first one writes.
  private func anneal(_ ranks: Ranks) throws {
    guard ranks.isFirst else { return try following { _ = try draw(ranks) } }
    let files = try draw(ranks)
    leaveRanks()
    try show(files)
  }

  private func show(_ files: [String]) throws {
    try printResult(files.map { "\($0)\n" }.joined())
  }

  /// Draws, and returns the paths of what was written.
  ///
  /// - Parameter ranks: Those that share a path of Sequential Monte Carlo.
  private func draw(_ ranks: Ranks = .alone) throws -> [String] {
    try checkMolecule(runPath) { "draw from it: tarflow-mol image sample \($0)" }
    try loadBLAS()
    let place = try runPath.map { try ModelPlace($0, systems: systems.systems) } ?? model()
    if runPath == nil { shared.log.info("the model of \(place.path)") }
    switch place {
    case .run(let folder): return try draw(from: folder, ranks)
    case .system, .file:
      let (model, molecule) = try systems.model(place, system: system, context: shared.context())
      return try draw(from: model, of: molecule, ranks)
    }
  }

  /// The model of the sequence.
  private func model() throws -> ModelPlace {
    var settings = try building.settings(PeptideSequence(sequence ?? ""))
    if let temperature { settings.temperature = temperature }
    let text = settings.sequence.text
    return try settings.model(
      systems: knownSystems(.molecule, in: systems.systems).compactMap { try? systems.find($0) },
      runs: "runs",
      advice:
        "train one: tarflow-mol train --sequence \(text) --simulate 10ns, with the same options")
  }

  private func checkMemory(_ system: MolecularSystem) throws {
    let atoms = system.topology.atoms
    if annealing.smc {
      try TrainedModel.checkMemory(conformations: number, atoms: atoms, areAnnealed: true)
    } else {
      try TrainedModel.checkMemory(drawn: number, atoms: atoms)
    }
  }

  /// Checks that the files can be written, and replace none unasked.
  private func checkFiles(in target: String) throws {
    try checkFolder(target)
    try overwrite.check(
      DrawFolder(path: target).files,
      advice: output == nil ? "draw into another folder with --output" : "choose another name")
  }

  private func draw(from folder: RunFolder, _ ranks: Ranks) throws -> [String] {
    let record = try systems.record(of: folder, system: system, log: shared.log)
    let system = try record.readSystem()
    let model = try TrainedModel(path: folder.model)
    record.warnOfUnfinishedTraining(in: folder, log: shared.log)
    try checkMemory(system)
    let target = output ?? folder.path
    try checkFiles(in: target)
    let takesOwn = seed == nil
    // Of several ranks the first one writes.
    guard isRun(folder.path, writtenTo: target), ranks.isFirst else {
      let first = takesOwn ? try record.lockAndTakeIndices(number, in: folder) : 0
      return try draw(from: model, record, system, target, first, ranks)
    }
    return try withLock(on: folder.path) {
      let first = takesOwn ? try record.takeIndices(number, in: folder) : 0
      return try draw(from: model, record, system, target, first, ranks)
    }
  }

  /// Whether files go into the folder of a run, which takes its lock.
  private func isRun(_ path: String, writtenTo target: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
    return RunFolder.isRun(path) && place(path) == place(target)
  }

  private func draw(
    from model: TrainedModel, _ record: MoleculeRecord, _ system: MolecularSystem,
    _ target: String, _ first: Int, _ ranks: Ranks
  ) throws -> [String] {
    let own = record.configuration.seed
    if seed == own {
      shared.log.warning(
        "seed \(own) is the run's own: these conformations repeat what the run has drawn")
    }
    return try draw(
      from: model, record.configuration, of: system, seed ?? own, first, to: target, ranks)
  }

  /// Draws from a model that belongs to no run.
  private func draw(
    from model: TrainedModel, of system: MolecularSystem, _ ranks: Ranks
  ) throws -> [String] {
    try checkMemory(system)
    let target = output ?? freePath("runs/\(system.description.name)-samples")
    try checkFiles(in: target)
    return try draw(
      from: model, RunConfiguration(), of: system, seed ?? 1, 0, to: target, ranks)
  }

  private func draw(
    from model: TrainedModel, _ configuration: RunConfiguration, of system: MolecularSystem,
    _ seed: UInt64, _ first: Int, to target: String, _ ranks: Ranks
  ) throws -> [String] {
    var options = configuration.sampling
    options.count = number
    if let priorScale { options.priorScale = priorScale }
    if let precision { options.precision = precision }
    let clip = configuration.evaluation.clippedFraction
    if annealing.smc {
      let interruption = Interruption()
      let context = shared.context(ranks: ranks) {
        interruption.isRequested ? "a signal; nothing is written" : nil
      }
      return try model.drawAnnealed(
        options, annealing.settings, seed: seed, first: first, of: system, clip: clip, to: target,
        context: context)
    }
    return try model.draw(
      options, seed: seed, first: first, shard: shard, of: system, clip: clip, to: target,
      context: shared.context())
  }
}
