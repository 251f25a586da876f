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
      Draw one shard of the -n conformations, such as 3/8, with --seed and --output; `merge` puts \
      the shards together.
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
    try check("--prior-scale", priorScale, SamplingOptions.priorScales)
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

  func run() throws {
    let ranks = joinRanks()
    guard ranks.count > 1 else { return try show(try draw(Work(shard: shard, output: output))) }
    guard shard == nil, seed != nil, let output else {
      throw ValidationError("ranks share a draw with a --seed and an --output, without --shard")
    }
    guard !annealing.smc else { return try anneal(to: output, ranks: ranks) }
    try drawShards(to: output, ranks: ranks)
  }

  /// Draws a shard on every rank; the first one puts them together.
  private func drawShards(to target: String, ranks: Ranks) throws {
    let names = (1...ranks.count).map { "\(target)/rank-\($0)-of-\(ranks.count)" }
    func drawShard() throws {
      let shard = Shard("\(ranks.rank + 1)/\(ranks.count)")
      _ = try draw(Work(shard: shard, output: names[ranks.rank], replacesFiles: true))
      _ = ranks.gathered(0)
      leaveRanks()
    }
    guard ranks.isFirst else { return try drawShard() }
    // A first rank that does not get the lock ends the others, which wait for it.
    try withLock(ofRun: target) {
      try checkFiles(in: target)
      try drawShard()
      let files = try mergeSamples(names, to: target, context: shared.context())
      for name in names { try? FileManager.default.removeItem(atPath: name) }
      try show(files)
    }
  }

  /// Anneals with the other ranks; the first one writes.
  private func anneal(to target: String, ranks: Ranks) throws {
    let work = Work(output: target, ranks: ranks)
    guard ranks.isFirst else { return try following { _ = try draw(work) } }
    let files = try draw(work)
    leaveRanks()
    try show(files)
  }

  private func show(_ files: [String]) throws {
    try printResult(files.map { "\($0)\n" }.joined())
  }

  /// Finds the model and draws from it; returns the paths of what was written.
  private func draw(_ work: Work) throws -> [String] {
    try checkMolecule(runPath) { "draw from it: tarflow-mol image sample \($0)" }
    try loadBLAS()
    let place = try runPath.map { try ModelPlace($0, systems: systems.systems) } ?? model()
    if runPath == nil { shared.log.info("the model of \(place.path)") }
    switch place {
    case .run(let folder): return try draw(work, fromRun: folder)
    case .system, .file:
      let (model, molecule) = try systems.model(place, system: system, context: shared.context())
      return try draw(work, fromModel: model, of: molecule)
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

  private func checkMemory(_ work: Work, _ system: MolecularSystem) throws {
    let atoms = system.topology.atoms
    if annealing.smc {
      try TrainedModel.checkMemory(conformations: number, atoms: atoms, areAnnealed: true)
    } else {
      try TrainedModel.checkMemory(
        drawn: work.shard?.range(of: number).count ?? number, atoms: atoms)
    }
  }

  /// Checks that the files can be written, and replace none unasked.
  private func checkFiles(in target: String, replacing replacesFiles: Bool = false) throws {
    try checkFolder(target)
    guard !replacesFiles else { return }
    try overwrite.check(
      DrawFolder(path: target).files,
      advice: output == nil ? "draw into another folder with --output" : "choose another name")
  }

  /// Draws from a run's model, in the run's own random stream unless there is another seed.
  private func draw(_ work: Work, fromRun folder: RunFolder) throws -> [String] {
    let record = try systems.record(of: folder, system: system, log: shared.log)
    let system = try record.readSystem()
    let model = try TrainedModel(path: folder.model)
    record.warnOfUnfinishedTraining(in: folder, log: shared.log)
    try checkMemory(work, system)
    let target = work.output ?? folder.path
    let own = record.configuration.seed
    func write(from first: Int) throws -> [String] {
      if seed == own {
        shared.log.warning(
          "seed \(own) is the run's own: these conformations repeat what the run has drawn")
      }
      return try self.write(
        DrawRequest(
          work: work, configuration: record.configuration, seed: seed ?? own, first: first,
          target: target), from: model, of: system)
    }
    func first() throws -> Int {
      guard seed == nil else { return 0 }
      func place(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      }
      let isLocked = place(folder.path) == place(target)
      return try isLocked
        ? record.takeIndices(number, in: folder) : record.lockAndTakeIndices(number, in: folder)
    }
    return try fill(target, work) { try write(from: first()) }
  }

  /// Writes the files of a draw into a folder, under the lock of the run that it may be, after a
  /// check that they can be written; of several ranks the first one has the lock.
  private func fill(
    _ target: String, _ work: Work, _ write: () throws -> [String]
  ) throws -> [String] {
    func fill() throws -> [String] {
      try checkFiles(in: target, replacing: work.replacesFiles)
      return try write()
    }
    return try work.ranks.isFirst ? withLock(ofRun: target, fill) : fill()
  }

  /// Draws from a model that belongs to no run.
  private func draw(
    _ work: Work, fromModel model: TrainedModel, of system: MolecularSystem
  ) throws -> [String] {
    try checkMemory(work, system)
    let target = work.output ?? freePath("runs/\(system.description.name)-samples")
    return try fill(target, work) {
      try write(
        DrawRequest(
          work: work, configuration: RunConfiguration(), seed: seed ?? 1, first: 0,
          target: target), from: model, of: system)
    }
  }

  /// Draws, with or without Sequential Monte Carlo, and writes the files.
  private func write(
    _ request: DrawRequest, from model: TrainedModel, of system: MolecularSystem
  ) throws -> [String] {
    var options = request.configuration.sampling
    options.count = number
    if let priorScale { options.priorScale = priorScale }
    if let precision { options.precision = precision }
    let clip = request.configuration.evaluation.clippedFraction
    if annealing.smc {
      let interruption = Interruption()
      let context = shared.context(ranks: request.work.ranks) {
        interruption.isRequested ? "a signal; nothing is written" : nil
      }
      return try model.drawAnnealed(
        options, annealing.settings, seed: request.seed, first: request.first, of: system,
        clip: clip, to: request.target, context: context)
    }
    return try model.draw(
      options, seed: request.seed, first: request.first, shard: request.work.shard, of: system,
      clip: clip, to: request.target, context: shared.context())
  }
}

/// What one process does of a draw, which ranks may share.
private struct Work {
  /// What it draws; nil for all.
  var shard: Shard?
  /// Where its files go; nil for the run folder, or one with the system's name.
  var output: String?
  /// Whether files that are there are replaced unasked.
  var replacesFiles = false
  /// Those that share a path of Sequential Monte Carlo.
  var ranks = Ranks.alone
}

/// Which conformations are drawn, with which settings, and the folder that they go into.
private struct DrawRequest {
  let work: Work
  let configuration: RunConfiguration
  let seed: UInt64
  /// The index of the first in the seed's stream.
  let first: Int
  let target: String
}
