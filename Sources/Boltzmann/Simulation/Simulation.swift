import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// Why a simulation cannot go on.
package enum SimulationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The energy of a walker is out of bounds; the time step in ps.
  case diverged(folder: String, step: Int, walker: Int, timeStep: Double)

  package var description: String {
    switch self {
    case .diverged(let folder, let step, let walker, let timeStep):
      "\(folder): walker \(walker) has no finite energy at step \(step); start a new simulation "
        + "with a time step below \(PhysicalTime(picoseconds: timeStep))"
    }
  }
}

/// A simulation that is ready to begin or to go on: all that its inputs and settings can get wrong
/// has been checked.
package struct Simulation {
  package let record: SimulationRecord
  package let system: MolecularSystem
  private let dynamics: LangevinDynamics
  /// Chains take them in turn.
  private let starts: [[SIMD3<Double>]]
  private let jumps: FlowJumps?
  private let context: RunContext

  /// The potential energy, kJ/mol, above which a walker is lost: no molecule that moves gets there,
  /// and the next steps would overflow.
  private static let highestEnergy = 1e7
  /// Steps between looks at the stop reason: a fraction of a second.
  private static let longestStretch = 500
  private static let timeBetweenCheckpoints = Duration.seconds(60)
  /// A step of 1 ps, repeated once a second for a day, is 86.4 ns.
  private static let nanosecondsADay = 86.4

  private var settings: SimulationSettings { record.settings }
  /// As the checkpoints hold them.
  private let recorded: RecordedSettings

  /// - Throws: `RunError` or `TrajectoryError`.
  package init(
    _ record: SimulationRecord, system: MolecularSystem, context: RunContext
  ) throws {
    self.record = record
    self.system = system
    self.context = context
    let settings = record.settings
    try settings.validate()
    recorded = try RecordedSettings(settings, besides: [])
    guard let masses = system.topology.masses(hydrogen: settings.hydrogenMass) else {
      throw RunError.configuration(
        source: "simulation",
        problem: "hydrogens of \(settings.hydrogenMass ?? 0) u leave their partners too little; "
          + "choose a lower hydrogen mass")
    }
    dynamics = LangevinDynamics(
      energy: system.energy, masses: masses, timeStep: settings.timeStep,
      friction: settings.friction, seed: settings.seed)
    starts = try readStarts(record.start.path, of: system)
    jumps = try record.proposals.map {
      try loadBLAS()
      return try FlowJumps(
        try TrainedModel(path: $0.path), path: $0.path, system: system, masses: masses,
        timeStep: settings.timeStep, seed: settings.seed, chains: settings.chains)
    }
  }

  /// What changes while a simulation runs.
  private struct State {
    var walkers: Walkers
    var exchange: ReplicaExchange
    var statistics: SimulationStatistics
    var jumps: FlowJumps?
    var jumpStatistics: JumpStatistics?
  }

  /// Simulates to the end, from the newest checkpoint if there is one.
  ///
  /// The trajectory, the table of energies and the summary are complete then; they are the same
  /// however often the simulation was stopped and resumed, and on however many ranks, of which the
  /// first writes them (`RankSimulationTests`).
  /// - Throws: `RunError.interrupted` after a checkpoint when the context says so;
  ///   `SimulationError.diverged`.
  package func run(in folder: SimulationFolder) throws -> SimulationSummary {
    let resumed = try SimulationCheckpoint.newest(
      in: folder, walkers: settings.walkers, atoms: system.topology.atoms, settings: recorded,
      warn: { context.log.warning("\($0)") })
    let checkpoint = try resumed ?? newState()
    var state = State(
      walkers: checkpoint.walkers, exchange: checkpoint.exchange,
      statistics: checkpoint.statistics, jumps: jumps, jumpStatistics: checkpoint.jumps)
    let ranks = context.ranks
    // No file changes before all have read it.
    try ranks.checkAgreement(on: state.walkers.positions, at: state.walkers.step, name: "positions")
    let outputs =
      ranks.isFirst
      ? try settings.keptRungs.map { try output(ofRung: $0, in: folder, checkpoint) } : []
    let (total, first) = (settings.steps.total, state.walkers.step)
    if resumed != nil {
      context.log.info("resuming after \(timeText(first)) of \(timeText(total))")
    }
    // The files are not yet what a list says that was written when they were complete.
    if ranks.isFirst { try? FileManager.default.removeItem(atPath: folder.checksums) }
    let begin = ContinuousClock.now
    var lastCheckpoint = begin
    report(state, since: begin, from: first)
    while state.walkers.step < total {
      try advance(&state, in: folder, outputs)
      report(state, since: begin, from: first)
      let reason = ranks.agreed(context.stopReason())
      let isLast = state.walkers.step == total
      if reason != nil || isLast || .now - lastCheckpoint > Self.timeBetweenCheckpoints {
        try write(state, in: folder, outputs)
        lastCheckpoint = .now
      }
      if let reason, !isLast {
        throw RunError.interrupted(run: folder.path, step: state.walkers.step, reason: reason)
      }
    }
    return try finish(
      state, in: folder, outputs, seconds: (.now - begin) / .seconds(1), from: first)
  }

  /// The files of a rung, new or as the checkpoint knows them.
  ///
  /// Only where every rung is kept do they say their temperature.
  private func output(
    ofRung rung: Int, in folder: SimulationFolder, _ checkpoint: SimulationCheckpoint
  ) throws -> SimulationOutput {
    let bytes =
      rung == 0 ? checkpoint.tableBytes : checkpoint.furtherTableBytes?[rung - 1] ?? 0
    let checksums = checkpoint.checksums.flatMap { $0.indices.contains(rung) ? $0[rung] : nil }
    return try SimulationOutput(
      folder, rung: rung,
      temperature: settings.framesOfEveryRung ? settings.temperatures[rung] : nil,
      atoms: system.topology.atoms, frames: checkpoint.frames, tableBytes: bytes,
      checksums: checksums, title: system.description.name, version: context.version)
  }

  /// Moves all walkers to the next frame or exchange, and takes what is due there.
  private func advance(
    _ state: inout State, in folder: SimulationFolder, _ outputs: [SimulationOutput]
  ) throws {
    let steps = settings.steps
    let produced = state.walkers.step - steps.equilibration
    let toFrame = produced < 0 ? -produced : steps.save - produced % steps.save
    let toExchange = steps.exchange - state.walkers.step % steps.exchange
    let propose = settings.stepsBetweenProposals
    let toJump = jumps == nil ? toExchange : propose - state.walkers.step % propose
    let stretch = min(toFrame, toExchange, toJump, Self.longestStretch)
    dynamics.advance(
      &state.walkers, steps: stretch, execution: context.execution, ranks: context.ranks)
    if let lost = state.walkers.potentials.firstIndex(where: { !($0 < Self.highestEnergy) }) {
      throw SimulationError.diverged(
        folder: folder.path, step: state.walkers.step, walker: lost, timeStep: settings.timeStep)
    }
    if produced >= 0, stretch == toFrame {
      state.statistics.add(state.walkers, state.exchange)
      let time = Double(produced + stretch) * settings.timeStep
      for output in outputs {
        try output.add(state.walkers, state.exchange, dynamics, time: time)
      }
    }
    if state.walkers.step % steps.exchange == 0 {
      state.exchange.attempt(&state.walkers, seed: settings.seed)
    }
    if jumps != nil, state.walkers.step % propose == 0 { attemptJumps(&state) }
  }

  /// Offers a proposal of the flow to every chain.
  private func attemptJumps(_ state: inout State) {
    var statistics = state.jumpStatistics ?? JumpStatistics(chains: settings.chains)
    state.jumps?.attempt(
      &state.walkers, state.exchange, round: state.walkers.step / settings.stepsBetweenProposals,
      &statistics, execution: context.execution)
    state.jumpStatistics = statistics
  }

  /// Writes a checkpoint of all that is on the disk.
  private func write(
    _ state: State, in folder: SimulationFolder, _ outputs: [SimulationOutput]
  ) throws {
    guard context.ranks.isFirst else { return }
    let written = try outputs.map { try $0.flush() }
    try SimulationCheckpoint(
      walkers: state.walkers, exchange: state.exchange, statistics: state.statistics,
      frames: written[0].frames, tableBytes: written[0].tableBytes,
      furtherTableBytes: written.count > 1 ? written.dropFirst().map(\.tableBytes) : nil,
      checksums: written.map(\.checksums), jumps: state.jumpStatistics, settings: recorded
    ).write(in: folder)
  }

  /// Completes the trajectories and sums the simulation up.
  private func finish(
    _ state: State, in folder: SimulationFolder, _ outputs: [SimulationOutput], seconds: Double,
    from first: Int
  ) throws -> SimulationSummary {
    let summary = SimulationSummary(
      system: system.description.name, settings: settings, exchange: state.exchange,
      statistics: state.statistics, jumps: state.jumpStatistics, dynamics: dynamics)
    guard context.ranks.isFirst else { return summary }
    let text = try jsonText(summary)
    try writeText(text, path: folder.summary)
    let files =
      [("summary.json", "\(Checksum(of: text.utf8))")] + (try outputs.flatMap { try $0.listed() })
    try writeText(ChecksumList.text(files), path: folder.checksums)
    // The first one last: it says that the simulation is complete.
    for output in outputs.reversed() { try output.complete() }
    let rate =
      Double((state.walkers.step - first) * settings.walkers) / max(seconds, 1e-9)
    let together = rate * settings.timeStep * Self.nanosecondsADay
    context.log.info(
      "\(rate.fixed(0)) steps/s of all walkers, \(together.fixed(0)) ns/day together")
    return summary
  }

  /// All walkers at the energy minimum nearest to the start of their chain, with equal hydrogens
  /// labelled as those of proposals, each with velocities of its own.
  private func newState() throws -> SimulationCheckpoint {
    let exchange = ReplicaExchange(
      ladders: settings.chains,
      thermalEnergies: settings.temperatures.map { Constants.gas * $0 })
    let starts = Array(starts.prefix(settings.chains))
    let minima = parallelMap(starts.count, workers: context.execution.workers) { place, _ in
      system.energy.minimum(from: starts[place])
    }
    let stereochemistry = Stereochemistry(system.topology)
    for (place, minimum) in minima.enumerated() {
      let frame = starts.count == 1 ? "" : "frame \(place) "
      guard minimum.energy.isFinite else {
        throw RunError.badData(
          path: record.start.path,
          problem: "\(frame)has an energy of \(minimum.energy) kJ/mol; do atoms overlap?")
      }
      let number = starts.count == 1 ? "" : "start \(place + 1) of \(starts.count) "
      context.log.info(
        """
        \(number)minimised to \(minimum.energy.fixed(2)) kJ/mol\
        \(minimum.isConverged ? "" : ", not yet converged")
        """)
      let notes = stereochemistry.notes(
        from: starts[place], to: minimum.positions, topology: system.topology)
      for note in notes { context.log.warning("\(record.start.path): \(frame)\(note)") }
    }
    return SimulationCheckpoint(
      walkers: Walkers(
        at: minima.map { jumps?.labelled($0.positions) ?? $0.positions }, masses: dynamics.masses,
        thermalEnergies: exchange.walkerThermalEnergies, seed: settings.seed
      ) { $0 / settings.temperatures.count % minima.count },
      exchange: exchange,
      statistics: SimulationStatistics(
        chains: settings.chains, temperatures: settings.temperatures.count), frames: 0,
      tableBytes: 0)
  }

  private func report(_ state: State, since begin: ContinuousClock.Instant, from first: Int) {
    let step = state.walkers.step
    var note: String?
    if step > first {
      let seconds = max((.now - begin) / .seconds(1), 1e-9)
      let rate =
        Double(step - first) * settings.timeStep * Self.nanosecondsADay / seconds
      let phase = step <= settings.steps.equilibration ? ", equilibrating" : ""
      let jumped = state.jumpStatistics?.acceptance.map { ", \((100 * $0).fixed(1)) % jumps" }
      note = "\(rate.fixed(0)) ns/day each of \(state.walkers.count) walkers\(jumped ?? "")\(phase)"
    }
    context.onProgress(
      WorkProgress("simulating, steps", done: step, of: settings.steps.total, note: note))
  }

  private func timeText(_ step: Int) -> String {
    PhysicalTime(picoseconds: Double(step) * settings.timeStep).description
  }
}
