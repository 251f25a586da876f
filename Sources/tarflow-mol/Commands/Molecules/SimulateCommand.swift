import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Logging
import Molecules
import Reporting
import Runs

struct SimulateCommand: SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Langevin dynamics of a system, with or without replica exchange.",
    discussion: """
      Fills a folder, runs/NAME-md by default: trajectory.nc (AMBER NetCDF, at each time one frame \
      of every chain; trajectory.partial.nc until it is complete), energies.csv, summary.json, \
      report.html, \
      simulation.yaml and checkpoints. Ctrl-C or SIGTERM writes a checkpoint; --resume continues \
      exactly there. Times are written as 2fs, 0.5ps, 10ns, 1us. The keys of --config and --set \
      are those of simulation.yaml, under settings; the options below win over them.
      """)

  @Argument(
    help: "A system: a name such as AL3, or a folder with system.yaml. Not needed with --resume.")
  var system: String?

  @OptionGroup var sequence: SequenceOption

  @Option(
    help: """
      The time that each chain is simulated for, such as 10ns. With --resume: the time that it is to \
      have in all, more than it has done.
      """)
  var time: PhysicalTime?

  @Option(
    help: ArgumentHelp(
      "The temperature in K; the system's by default.", valueName: "K"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      """
      Replica exchange: ascending temperatures in K such as 300,350,420,500, or 'auto' for a \
      ladder up to twice the temperature. Frames of the first are kept.
      """, valueName: "list"))
  var temperatures: String?

  @Option(
    help: """
      Independent chains, 8 by default; with --temperatures each is a ladder of walkers. Eight \
      walkers take as long as one.
      """)
  var chains: Int?

  @Option(
    help:
      "The time step; \(PhysicalTime(picoseconds: SimulationSettings.defaultTimeStep)) by default.")
  var timestep: PhysicalTime?

  @Option(help: "The friction per ps, 1 by default; 0 for constant energy.")
  var friction: Double?

  @Option(
    help: ArgumentHelp(
      """
      Mass of hydrogens in u, taken from the atoms they are bonded to, \
      \(SimulationSettings.defaultHydrogenMass) by default; 'none' keeps the topology's.
      """, valueName: "u"))
  var hydrogenMass: String?

  @Option(help: "The time that is simulated first and not kept; a tenth of --time by default.")
  var equilibration: PhysicalTime?

  @Option(help: "The time between frames; 1ps by default.")
  var saveEvery: PhysicalTime?

  @Option(help: "The time between attempts to exchange; 0.2ps by default.")
  var exchangeEvery: PhysicalTime?

  @Option(
    help: ArgumentHelp(
      """
      A flow whose independent proposals every chain may jump to, by Metropolis' test: a run, a \
      system with a model, or a model's file. Rare states then mix, and the distribution stays the \
      same but for the error of the time step, which jumps enlarge: take --timestep 0.5fs.
      """, valueName: "run"))
  var proposals: String?

  @Option(help: "The time between proposals, 1ps by default.")
  var proposeEvery: PhysicalTime?

  @Option(
    help: ArgumentHelp(
      """
      What to begin with, after minimisation: an AMBER restart, or an AMBER trajectory whose \
      frames the chains take in turn; the system's by default.
      """, valueName: "file"))
  var start: String?

  @Flag(
    help: """
      At the end, write the frames of each chain into a file of its own, in order of time, too: \
      trajectory.chain1.nc, …. With several temperatures walkers change places in it, so that it \
      has no kinetics. With --resume also of a simulation that is complete.
      """)
  var split = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @OptionGroup var options: RunOptions
  @OptionGroup var resuming: ResumeIfPresentOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try resuming.check(beside: options)
    if options.resume != nil {
      return try checkResume(
        of: "simulation", beside: ["resume", "json", "split", "time"], and: options, systems,
        sequence,
        sequence.building)
    }
    try sequence.check(beside: system)
    if system == nil, sequence.sequence == nil {
      throw ValidationError("name a system, such as AL3, or a simulation to --resume")
    }
    let isTimeSet = options.set.contains { $0.hasPrefix("time_ps=") }
    if time == nil, options.config == nil, !isTimeSet, resuming.begunRun(options) == nil {
      throw ValidationError("say for how long: --time 10ns")
    }
    if temperature != nil, temperatures != nil, temperatures != "auto" {
      throw ValidationError("choose one of --temperature and a list of --temperatures")
    }
    if let hydrogenMass, hydrogenMass != "none", Double(hydrogenMass) == nil {
      throw ValidationError("--hydrogen-mass is '\(hydrogenMass)', expected a number or 'none'")
    }
    if proposeEvery != nil, proposals == nil {
      throw ValidationError("--propose-every belongs to --proposals")
    }
    if let temperatures, temperatures != "auto", numbers(temperatures) == nil {
      throw ValidationError("--temperatures is '\(temperatures)', expected numbers or 'auto'")
    }
    try check("--temperature", temperature, MolecularSystem.temperatures)
    for value in temperatures.flatMap(numbers) ?? [] {
      try check("--temperatures", value, MolecularSystem.temperatures)
    }
  }

  mutating func run() throws {
    let ranks = joinRanks()
    guard ranks.isFirst else { return try follow(ranks) }
    try resumeIfPresent()
    guard options.resume == nil else { return try simulate(nil, ranks) }
    let lowest = temperature ?? temperatures.flatMap(numbers)?.first
    let built = try sequence.build(into: &options, ending: "-md", temperature: lowest)
    if let built { system = built.system }
    try simulate(built?.settings, ranks)
  }

  /// Makes the options those of a simulation that goes on, where --resume-if-present finds one.
  private mutating func resumeIfPresent() throws {
    guard resuming.resumeIfPresent, let output = options.output,
      let folder = try? SimulationFolder(existing: output)
    else { return }
    let record = try SimulationRecord.read(in: folder)
    let molecule = try record.readSystem()
    let difference = try difference(from: record, molecule)
    let layers = try options.layers() + ownLayers(molecule)
    try resuming.resume(
      output, in: &options, layers: layers, begun: record.settings, difference: difference)
  }

  /// In what a simulation is another one than that of the command line besides its settings; nil if
  /// in nothing.
  ///
  /// What is gone cannot be compared: the simulation has its own copies.
  private func difference(
    from record: SimulationRecord, _ molecule: MolecularSystem
  ) throws -> RunDifference? {
    if let system {
      let named = try MolecularSystem(folder: systems.find(system))
      if let text = try molecule.difference(from: named) { return RunDifference(text: text) }
    }
    if let text = try sequence.difference(from: molecule, temperature: temperature) {
      return RunDifference(text: text)
    }
    if let start, !record.start.isAlike(start) {
      return RunDifference(
        text: "begins with another structure than \(start) holds now", option: "--start")
    }
    guard let proposals else { return nil }
    guard let own = record.proposals else {
      return RunDifference(
        text: "is without proposals of a flow, but the command line names those of \(proposals)")
    }
    let path = try? ModelPlace(proposals, systems: systems.systems).modelPath()
    let isThat = path.map { own.isAlike($0) } ?? true
    return isThat
      ? nil
      : RunDifference(
        text: "has proposals of another model than \(proposals) holds now", option: "--proposals")
  }

  /// Simulates with the first rank, which has the folder and writes its files.
  private func follow(_ ranks: Ranks) throws {
    let interruption = Interruption()
    let context = shared.context(ranks: ranks, stopReason: options.limit.stopReason(interruption))
    try following { _ = try Simulation.follow(context) }
  }

  private func simulate(_ built: BuildSettings?, _ ranks: Ranks) throws {
    let begin = Date()
    let interruption = Interruption()
    let context = shared.context(
      ranks: ranks, stopReason: options.limit.stopReason(interruption, from: begin))
    let resumed = try options.resume.map { try SimulationFolder(existing: $0) }
    if let time, !resuming.resumeIfPresent { try resumed?.lengthen(to: time.picoseconds) }
    let record =
      try resumed.map { try SimulationRecord.resumed($0, context: context) }
      ?? newRecord(built, context)
    let simulation = try Simulation(
      record, system: try record.readSystem(), context: context)
    let name = simulation.system.description.name
    let folder = resumed ?? SimulationFolder(path: options.newFolder("\(name)-md"))
    if resumed == nil { try createFolder(folder.path) }
    try resumable(by: { "simulate --resume \($0)" + (split ? " --split" : "") }) {
      try withLock(on: folder.path) {
        if resumed == nil {
          try record.keepInputs(in: folder.path)
          try record.write(path: folder.record)
        }
        try Simulation.announce(folder.isComplete ? nil : record, in: folder, ranks)
        if folder.isComplete {
          context.log.info("\(folder.path) is complete")
          try writeChains(of: simulation, in: folder, context)
          // A process that was killed may have come no further than the summary.
          if !FileManager.default.fileExists(atPath: folder.report) {
            writeSimulationReport(in: folder, context: context)
          }
          return try show(try SimulationSummary.read(path: folder.summary), folder)
        }
        for note in simulation.system.prmtop.notes {
          context.log.warning("\(record.topology.path): \(note)")
        }
        let settings = record.settings
        context.log.info(
          """
          folder \(folder.path), \(settings.walkers.counted("walker")), \
          steps of \(PhysicalTime(picoseconds: settings.timeStep)), \(record.instructions) lanes, \
          \(context.execution.workers.counted("thread")), seed \(settings.seed)
          """)
        let summary = try simulation.run(in: folder)
        leaveRanks()
        try writeChains(of: simulation, in: folder, context)
        writeSimulationReport(in: folder, context: context)
        try show(summary, folder)
        noteCompletion(of: folder.path, since: begin, context)
      }
    }
  }

  /// A file for each chain, where --split asks for it.
  private func writeChains(
    of simulation: Simulation, in folder: SimulationFolder, _ context: RunContext
  ) throws {
    guard split else { return }
    let paths = try folder.writeChains(
      simulation.record, title: simulation.system.description.name, context: context)
    context.log.info("\(paths[0]) … hold a chain each")
  }

  private func show(_ summary: SimulationSummary, _ folder: SimulationFolder) throws {
    try printResult(
      json ? try jsonText(summary) : summary.table(trajectory: folder.trajectory))
  }

  private func newRecord(
    _ built: BuildSettings?, _ context: RunContext
  ) throws -> SimulationRecord {
    try options.checkOutput()
    let molecule = try MolecularSystem(folder: try systems.find(system ?? ""))
    let settings = try settings(of: molecule)
    if let built, start == nil {
      try built.writeStarts(
        count: settings.chains, seed: settings.seed, of: molecule, version: programVersion,
        execution: shared.execution)
    }
    let start = try molecule.simulationStartPath(
      given: start,
      advice: "name one there as start: FILE, or pass --start FILE, an AMBER restart")
    return try SimulationRecord(
      settings, system: molecule, start: start,
      proposals: try proposals.map {
        try ModelPlace($0, systems: systems.systems).modelPath()
      }, context: context)
  }

  /// The settings on the command line over the defaults.
  private func settings(of molecule: MolecularSystem) throws -> SimulationSettings {
    let layers = try options.layers() + ownLayers(molecule)
    guard let time = layers.compactMap({ $0.number("time_ps") }).last else {
      throw RunError.configuration(
        source: options.config ?? "simulation", problem: "has no time_ps; pass --time 10ns")
    }
    return try resolveConfiguration(
      SimulationSettings(time: time, temperatures: [molecule.description.temperature]),
      layers: layers)
  }

  /// The options of this command as settings.
  private func ownLayers(_ molecule: MolecularSystem) throws -> [ConfigurationLayer] {
    let lowest = temperature ?? molecule.description.temperature
    let ladder: [Double]? =
      switch temperatures {
      case nil: temperature.map { [$0] }
      case "auto":
        ReplicaExchange.temperatures(from: lowest, atoms: molecule.topology.atoms)
      case let list?: numbers(list)
      }
    let given: [(option: String, key: String, value: String?)] = [
      ("--time", "time_ps", time.map { "\($0.picoseconds)" }),
      ("--equilibration", "equilibration_ps", equilibration.map { "\($0.picoseconds)" }),
      (
        temperature == nil ? "--temperatures" : "--temperature", "temperatures_K",
        ladder.map { "\($0)" }
      ),
      ("--chains", "chains", chains.map { "\($0)" }),
      ("--timestep", "time_step_ps", timestep.map { "\($0.picoseconds)" }),
      ("--friction", "friction_per_ps", friction.map { "\($0)" }),
      ("--hydrogen-mass", "hydrogen_mass_u", hydrogenMass.map { $0 == "none" ? "null" : $0 }),
      ("--save-every", "save_every_ps", saveEvery.map { "\($0.picoseconds)" }),
      ("--exchange-every", "exchange_every_ps", exchangeEvery.map { "\($0.picoseconds)" }),
      ("--propose-every", "propose_every_ps", proposeEvery.map { "\($0.picoseconds)" }),
    ]
    return try given.compactMap { option, key, value in
      try value.map { try ConfigurationLayer(setting: "\(key)=\($0)", source: "\(option) \($0)") }
    }
  }

  private func numbers(_ list: String) -> [Double]? {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0.trimmingCharacters(in: .whitespaces)) }
    return parts.contains(nil) ? nil : parts.compactMap { $0 }
  }
}

extension PhysicalTime: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
