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

  @Option(
    help:
      "Independent chains; with --temperatures each is a ladder of walkers. Eight walkers take as long as one."
  )
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
      || start != nil || equilibration != nil || systems.systems != nil || hasSettings
    {
      throw ValidationError(
        "--resume takes everything from the simulation; leave the other settings out")
    }
  }

  /// Whether an option that has a default was given another value.
  private var hasSettings: Bool {
    let defaults = SimulationSettings(time: 0, temperatures: [])
    return chains != defaults.chains || timestep.picoseconds != defaults.timeStep
      || friction != defaults.friction || Double(hydrogenMass) != defaults.hydrogenMass
      || saveEvery.picoseconds != defaults.saveEvery
      || exchangeEvery.picoseconds != defaults.exchangeEvery || seed != defaults.seed
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
      return try show(try SimulationSummary.read(path: folder.summary), folder)
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
    try show(summary, folder)
    shared.log.info(
      "\(folder.path) is complete after \(duration(Date().timeIntervalSince(begin)))")
  }

  private func show(_ summary: SimulationSummary, _ folder: SimulationFolder) throws {
    try printResult(
      json ? try tarflow_mol.json(summary) : summary.table(trajectory: folder.trajectory))
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
