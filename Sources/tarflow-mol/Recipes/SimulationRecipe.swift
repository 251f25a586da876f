import Foundation
import Kernels
import Molecules
import Trajectories

/// A simulation that is ready to begin or to go on: everything that its inputs and settings can get wrong has been checked.
struct Simulation {
  let record: SimulationRecord
  let system: MolecularSystem
  private let dynamics: LangevinDynamics
  private let start: [SIMD3<Double>]
  private let options: SharedOptions

  private var settings: SimulationSettings { record.settings }
  private var thermalEnergies: [Double] { settings.temperatures.map { Constants.gas * $0 } }

  init(_ record: SimulationRecord, system: MolecularSystem, options: SharedOptions) throws {
    self.record = record
    self.system = system
    self.options = options
    let settings = record.settings
    try settings.validate()
    guard let masses = system.topology.masses(hydrogen: settings.hydrogenMass) else {
      throw CommandError.configuration(
        source: "simulation",
        problem: "hydrogens of \(settings.hydrogenMass ?? 0) u leave their partners too little; "
          + "choose a lower --hydrogen-mass")
    }
    dynamics = LangevinDynamics(
      energy: system.energy, masses: masses, timeStep: settings.timeStep,
      friction: settings.friction, seed: settings.seed)
    start = try readAmberRestart(path: record.start.path, expectedAtoms: system.topology.atoms)
  }

  /// Simulates to the end, from the newest checkpoint if there is one.
  ///
  /// - Throws: `CommandError.interrupted` after a checkpoint when a signal came or the time is up; `.diverged`.
  func run(
    in folder: SimulationFolder, interruption: Interruption, deadline: Date?, resumeCommand: String
  ) throws -> SimulationSummary {
    let resumed = try SimulationCheckpoint.newest(
      in: folder, walkers: settings.walkers, atoms: system.topology.atoms,
      warn: { options.log.warning("\($0)") })
    var state = try resumed ?? newState()
    var walkers = state.walkers
    var (exchange, statistics) = (state.exchange, state.statistics)
    let output = try SimulationOutput(
      folder, atoms: walkers.atoms, frames: state.frames, tableBytes: state.tableBytes,
      title: system.description.name)
    let steps = settings.steps
    if resumed != nil {
      options.log.info("resuming after \(time(walkers.step)) of \(time(steps.total))")
    }
    let progress = Progress(
      "simulating, steps", total: steps.total, from: walkers.step, quiet: options.quiet)
    defer { progress.finish() }
    let begin = (clock: ContinuousClock.now, step: walkers.step)
    var lastSave = ContinuousClock.now
    func save() throws {
      let (frames, bytes) = try output.flush()
      state = SimulationCheckpoint(
        walkers: walkers, exchange: exchange, statistics: statistics, frames: frames,
        tableBytes: bytes)
      try state.write(in: folder)
      lastSave = .now
    }
    while walkers.step < steps.total {
      let produced = walkers.step - steps.equilibration
      let toFrame = produced < 0 ? -produced : steps.save - produced % steps.save
      let toExchange = steps.exchange - walkers.step % steps.exchange
      // Short enough to stop soon after a signal.
      let segment = min(toFrame, toExchange, 500)
      dynamics.advance(&walkers, steps: segment, execution: options.execution)
      if let lost = walkers.potentials.firstIndex(where: { !($0 < 1e7) }) {
        throw CommandError.simulationDiverged(
          folder: folder.path, step: walkers.step, walker: lost, timeStep: settings.timeStep)
      }
      if produced >= 0, segment == toFrame {
        statistics.add(walkers, exchange)
        let time = Double(produced + segment) * settings.timeStep
        try output.add(walkers, exchange, dynamics, time: time)
      }
      if walkers.step % steps.exchange == 0 { exchange.attempt(&walkers, seed: settings.seed) }
      progress.advance(by: segment, note: note(walkers, since: begin))
      let reason =
        interruption.isRequested
        ? "a signal" : deadline.flatMap { Date() > $0 ? "the time limit" : nil }
      let isLast = walkers.step == steps.total
      if reason != nil || isLast || ContinuousClock.now - lastSave > .seconds(60) { try save() }
      if let reason, !isLast {
        throw CommandError.interrupted(
          run: folder.path, step: walkers.step, reason: reason, command: resumeCommand)
      }
    }
    progress.finish()
    let seconds = (ContinuousClock.now - begin.clock) / .seconds(1)
    try output.complete()
    let summary = SimulationSummary(
      system: system.description.name, settings: settings, exchange: exchange,
      statistics: statistics, dynamics: dynamics)
    try writeText(try json(summary), path: folder.summary)
    let rate = Double((walkers.step - begin.step) * settings.walkers) / max(seconds, 1e-9)
    options.log.info(
      "\(decimal(rate, 0)) steps/s of all walkers, \(decimal(rate * settings.timeStep * 86.4, 0)) ns/day together"
    )
    return summary
  }

  /// All walkers at the energy minimum nearest to the start, with velocities of their own.
  private func newState() throws -> SimulationCheckpoint {
    let exchange = ReplicaExchange(ladders: settings.chains, thermalEnergies: thermalEnergies)
    let minimum = system.energy.minimum(from: start)
    guard minimum.energy.isFinite else {
      throw CommandError.badData(
        path: record.start.path,
        problem: "has an energy of \(minimum.energy) kJ/mol; do atoms overlap?")
    }
    options.log.info(
      "minimised to \(decimal(minimum.energy, 2)) kJ/mol\(minimum.isConverged ? "" : ", not yet converged")"
    )
    return SimulationCheckpoint(
      walkers: Walkers(
        at: minimum.positions, masses: dynamics.masses,
        thermalEnergies: exchange.walkerThermalEnergies, seed: settings.seed),
      exchange: exchange,
      statistics: SimulationStatistics(
        chains: settings.chains, temperatures: settings.temperatures.count), frames: 0,
      tableBytes: 0)
  }

  private func note(_ walkers: Walkers, since begin: (clock: ContinuousClock.Instant, step: Int))
    -> String
  {
    let seconds = (ContinuousClock.now - begin.clock) / .seconds(1)
    let rate =
      Double(walkers.step - begin.step) * settings.timeStep * 86.4 / max(seconds, 1e-9)
    let phase = walkers.step <= settings.steps.equilibration ? ", equilibrating" : ""
    return "\(decimal(rate, 0)) ns/day each of \(walkers.count) walkers\(phase)"
  }

  private func time(_ step: Int) -> String {
    "\(PhysicalTime(picoseconds: Double(step) * settings.timeStep))"
  }
}
