import ArgumentParser
import Foundation
import Molecules

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Langevin dynamics of a system, with or without replica exchange.",
    discussion: """
      Makes a folder: trajectory.nc (AMBER NetCDF, at each time one frame of every chain; trajectory.partial.nc until it is complete), \
      energies.csv, summary.json, simulation.yaml and checkpoints. Ctrl-C or SIGTERM writes a checkpoint; --resume goes on exactly there. \
      Times are written as 2fs, 0.5ps, 10ns, 1us.
      """)

  @Argument(
    help: "A system: a name such as AL3, or a folder with system.yaml. Not needed with --resume.")
  var system: String?

  @Option(help: "The time that each chain is simulated for, such as 10ns.")
  var time: PhysicalTime?

  @Option(
    help: ArgumentHelp(
      "The temperature in K; the system's by default.", valueName: "K"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      """
      Replica exchange: ascending temperatures in K such as 300,350,420,500, or 'auto' for a ladder up to twice the temperature. \
      Frames of the first are kept.
      """, valueName: "list"))
  var temperatures: String?

  @Option(help: "Independent chains; with --temperatures each is a ladder of walkers.")
  var chains = 8

  @Option(help: "The time step.")
  var timestep = PhysicalTime(picoseconds: SimulationSettings.defaultTimeStep)

  @Option(help: "The friction per ps; 0 for constant energy.")
  var friction = 1.0

  @Option(
    help: ArgumentHelp(
      "Mass of hydrogens in u, taken from the atoms they are bonded to; 'none' keeps the topology's.",
      valueName: "u"))
  var hydrogenMass = decimal(SimulationSettings.defaultHydrogenMass, 1)

  @Option(help: "Simulated first and not kept; a tenth of the time by default.")
  var equilibration: PhysicalTime?

  @Option(help: "The time between frames.")
  var saveEvery = PhysicalTime(picoseconds: 1)

  @Option(help: "The time between attempts to exchange.")
  var exchangeEvery = PhysicalTime(picoseconds: 0.2)

  @Option(help: "The seed of all randomness.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The structure to begin with, after minimisation: an AMBER restart; the system's by default.",
      valueName: "file"))
  var start: String?

  @Option(help: ArgumentHelp("The folder to make; runs/NAME-md by default.", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp("Stop after this time with a checkpoint (exit code 75).", valueName: "hours")
  )
  var maxHours: Double?

  @Option(
    help: ArgumentHelp(
      "Continue a simulation where its newest checkpoint stopped.", valueName: "folder"))
  var resume: String?

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let maxHours, !(maxHours > 0) {
      throw ValidationError("--max-hours is \(maxHours), expected above 0")
    }
    if temperature != nil, temperatures != nil, temperatures != "auto" {
      throw ValidationError("choose one of --temperature and a list of --temperatures")
    }
    if hydrogenMass != "none", Double(hydrogenMass) == nil {
      throw ValidationError("--hydrogen-mass is '\(hydrogenMass)', expected a number or 'none'")
    }
    if let temperatures, temperatures != "auto", numbers(temperatures) == nil {
      throw ValidationError("--temperatures is '\(temperatures)', expected numbers or 'auto'")
    }
    guard resume != nil else {
      if system == nil {
        throw ValidationError("name a system, such as AL3, or a simulation to --resume")
      }
      if time == nil { throw ValidationError("say for how long: --time 10ns") }
      return
    }
    if system != nil || time != nil || temperature != nil || temperatures != nil || output != nil
      || start != nil || equilibration != nil || systems.systems != nil
    {
      throw ValidationError(
        "--resume takes everything from the simulation; leave the other settings out")
    }
  }

  func run() throws {
    let begin = Date()
    let interruption = Interruption()
    let resumed = try resume.map { try SimulationFolder(existing: $0) }
    let record =
      try resumed.map { try SimulationRecord.resumed($0, log: shared.log) } ?? newRecord()
    let simulation = try Simulation(
      record, system: try MolecularSystem(folder: record.system), options: shared)
    let folder = try resumed ?? newFolder(simulation.system.description.name)
    if resumed == nil { try folder.create() }
    let lock = try RunLock(path: folder.path)
    defer { lock.release() }
    if resumed == nil { try record.write(path: folder.record) }
    if folder.isComplete {
      shared.log.info("\(folder.path) is complete")
      return try printResult(
        try readText(path: folder.summary, what: "summary", advice: "start the simulation anew"))
    }
    let settings = record.settings
    shared.log.info(
      """
      folder \(folder.path), \(settings.walkers) walkers, steps of \(PhysicalTime(picoseconds: settings.timeStep)), \
      \(record.instructions) lanes, \(shared.workers) threads, seed \(settings.seed)
      """)
    let summary = try simulation.run(
      in: folder, interruption: interruption,
      deadline: maxHours.map { begin.addingTimeInterval($0 * 3_600) },
      resumeCommand: "tarflow-mol simulate --resume \(folder.path)")
    try printResult(
      json ? try tarflow_mol.json(summary) : summary.table(trajectory: folder.trajectory))
    shared.log.info(
      "\(folder.path) is complete after \(duration(Date().timeIntervalSince(begin)))")
  }

  private func newFolder(_ name: String) throws -> SimulationFolder {
    try RunFolder.checkFree(output)
    return SimulationFolder(path: output ?? freePath("runs/\(name)-md"))
  }

  private func newRecord() throws -> SimulationRecord {
    try RunFolder.checkFree(output)
    let folder = try findSystem(system ?? "", in: systems.systems)
    let molecule = try MolecularSystem(folder: folder)
    let lowest = temperature ?? molecule.description.temperature
    let ladder =
      switch temperatures {
      case nil: [lowest]
      case "auto":
        ReplicaExchange.temperatures(from: lowest, atoms: molecule.topology.atoms)
      case let list?: numbers(list) ?? []
      }
    var settings = SimulationSettings(time: time?.picoseconds ?? 0, temperatures: ladder)
    if let equilibration { settings.equilibration = equilibration.picoseconds }
    settings.chains = chains
    settings.timeStep = timestep.picoseconds
    settings.friction = friction
    settings.hydrogenMass = Double(hydrogenMass)
    settings.saveEvery = saveEvery.picoseconds
    settings.exchangeEvery = exchangeEvery.picoseconds
    settings.seed = seed
    return try SimulationRecord(settings, system: molecule, start: start)
  }

  private func numbers(_ list: String) -> [Double]? {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0.trimmingCharacters(in: .whitespaces)) }
    return parts.contains(nil) ? nil : parts.compactMap { $0 }
  }
}

extension SimulationRecord {
  /// What a new simulation of a system computes.
  ///
  /// - Parameter start: The restart to begin with; the system's if nil.
  init(_ settings: SimulationSettings, system: MolecularSystem, start: String?) throws {
    let folder = system.folder
    guard let structure = start ?? system.description.start.map({ "\(folder)/\($0)" }) else {
      throw CommandError.missing(
        what: "structure to begin with", path: "\(folder)/system.yaml",
        advice: "name one there as start: FILE, or pass --start FILE, an AMBER restart")
    }
    try settings.validate()
    self.init(
      program: "tarflow-mol \(TarflowMol.version)",
      instructions: VectorInstructions.best.rawValue, system: folder,
      topology: try .init(path: "\(folder)/\(system.description.topology)"),
      description: try .init(path: "\(folder)/system.yaml"), start: try .init(path: structure),
      settings: settings)
  }
}
