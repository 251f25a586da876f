import Boltzmann
import Foundation
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct SimulationTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL2") }

  /// 1 ps of two chains at two temperatures, after 0.1 ps that are not kept.
  private func record(everyRung: Bool = false) throws -> SimulationRecord {
    var settings = SimulationSettings(time: 1, temperatures: [300, 500])
    (settings.timeStep, settings.chains) = (0.002, 2)
    (settings.saveEvery, settings.exchangeEvery) = (0.1, 0.02)
    settings.framesOfEveryRung = everyRung
    return try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(),
      context: CapturedLog().context())
  }

  /// Simulates in a folder, from its newest checkpoint if there is one.
  @discardableResult
  private func run(
    in folder: SimulationFolder, everyRung: Bool = false, _ context: RunContext
  ) throws -> SimulationSummary {
    try createFolder(folder.path)
    return try Simulation(try record(everyRung: everyRung), system: molecule, context: context)
      .run(in: folder)
  }

  /// What a simulation leaves.
  private func results(_ folder: SimulationFolder) throws -> [Data] {
    try [folder.trajectory, folder.energies, folder.summary].map {
      try Data(contentsOf: URL(fileURLWithPath: $0))
    }
  }

  @Test func `a simulation that is stopped and resumed is the uninterrupted one`() throws {
    try withTemporaryFolder { path in
      let whole = SimulationFolder(path: "\(path)/whole")
      let summary = try run(in: whole, CapturedLog().context(workers: 2))
      #expect(whole.isComplete)
      #expect(try SimulationSummary.read(path: whole.summary) == summary)
      #expect(summary.frames == 20 && summary.rungs.map(\.temperature) == [300, 500])
      // In the equilibration, between two frames, and after several stops.
      for stops in [[2], [13], [3, 20, 4]] {
        let folder = SimulationFolder(path: "\(path)/\(stops)")
        var steps = 0
        for stop in stops {
          // Each look at the reason comes ten steps after the one before: at every exchange.
          steps += 10 * stop
          #expect(
            throws: RunError.interrupted(run: folder.path, step: steps, reason: "enough")
          ) {
            try run(in: folder, CapturedLog().context(stopReason: stopping(after: stop, "enough")))
          }
          #expect(!folder.isComplete)
        }
        let log = CapturedLog()
        #expect(try run(in: folder, log.context()) == summary)
        #expect(log.messages.first == "info: resuming after \(2 * steps)fs of 1.1ps")
        #expect(log.progress.first?.done == steps && log.progress.last?.done == 550)
        let same = try results(folder) == results(whole)
        #expect(same)
      }
    }
  }

  @Test func `a record that was edited between stop and resume is noticed`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      #expect(throws: RunError.self) {
        try run(in: folder, CapturedLog().context(stopReason: stopping(after: 3, "enough")))
      }
      for (change, problem) in [
        ({ $0.seed = 2 }, "seed is 2, but the simulation ran with 1"),
        ({ $0.friction = 2 }, "friction_per_ps is 2, but the simulation ran with 1"),
        (
          { $0.temperatures = [300, 400, 500] },
          "temperatures_K is [300, 400, 500], but the simulation ran with [300, 500]"
        ),
        ({ $0.hydrogenMass = nil }, "hydrogen_mass_u is none, but the simulation ran with 3"),
      ] as [((inout SimulationSettings) -> Void, String)] {
        let begun = try record()
        var settings = begun.settings
        change(&settings)
        let edited = try SimulationRecord(
          settings, system: molecule, start: begun.start.path, context: CapturedLog().context())
        #expect(
          throws: RunError.configuration(
            source: folder.record,
            problem: "\(problem) up to step 30; restore it, or start a new simulation")
        ) {
          try Simulation(edited, system: molecule, context: CapturedLog().context())
            .run(in: folder)
        }
      }
      try run(in: folder, CapturedLog().context())
      #expect(folder.isComplete)
    }
  }

  @Test func `a damaged checkpoint gives way to the one before, and none is an error`() throws {
    try withTemporaryFolder { path in
      let whole = SimulationFolder(path: "\(path)/whole")
      try run(in: whole, CapturedLog().context())
      let folder = SimulationFolder(path: "\(path)/run")
      for _ in 0..<2 {
        #expect(throws: RunError.self) {
          try run(in: folder, CapturedLog().context(stopReason: stopping(after: 12, "enough")))
        }
      }
      let checkpoints = [folder.checkpoint, folder.previousCheckpoint].map {
        URL(fileURLWithPath: $0)
      }
      let kept = try Data(contentsOf: checkpoints[1])
      try Data(contentsOf: checkpoints[0]).dropLast(50).write(to: checkpoints[0])
      let log = CapturedLog()
      try run(in: folder, log.context())
      #expect(
        log.messages.prefix(2) == [
          "warning: \(folder.checkpoint): is damaged; trying the checkpoint before",
          "info: resuming after 240fs of 1.1ps",
        ])
      let same = try results(folder) == results(whole)
      #expect(same)

      // That of another molecule does not fit either.
      let other = String(decoding: kept, as: UTF8.self).replacing(
        "\"atoms\":22", with: "\"atoms\":21")
      try Data(other.utf8).write(to: checkpoints[0])
      try Data("{}".utf8).write(to: checkpoints[1])
      #expect(
        throws: RunError.badData(
          path: folder.previousCheckpoint,
          problem: "is damaged, and there is no other checkpoint; start a new simulation")
      ) { try run(in: folder, CapturedLog().context()) }
    }
  }

  @Test func `energies and frames belong together`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      let log = CapturedLog()
      try run(in: folder, log.context())
      #expect(log.messages[0].hasPrefix("info: minimised to "))
      let frames = try readFrames(folder.trajectory, of: molecule, log: log.log)
      #expect(frames.frames == 20)
      let rows = try String(contentsOfFile: folder.energies, encoding: .utf8).split(separator: "\n")
        .dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
      #expect(rows.map { $0[0] } == (0..<20).map(Double.init))
      #expect(rows.map { $0[2] } == (0..<20).map { Double($0 % 2) })
      expectClose(rows.map { $0[1] }, frames.times, absolute: 1e-6, "times")
    }
  }

  /// The rows of a table of energies.
  private func rows(_ path: String) throws -> [[Double]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",").compactMap { Double($0) } }
  }

  @Test func `frames of every rung are kept with their temperatures, and resumed`() throws {
    try withTemporaryFolder { path in
      let (plain, whole) = (
        SimulationFolder(path: "\(path)/plain"), SimulationFolder(path: "\(path)/whole")
      )
      let log = CapturedLog()
      try run(in: plain, log.context())
      let summary = try run(in: whole, everyRung: true, log.context())
      // The first rung is as without the others.
      let tables = try [plain, whole].map {
        try String(contentsOfFile: $0.energies, encoding: .utf8)
      }
      #expect(tables[0] == tables[1])
      let frames = try (0..<2).map {
        try readFrames(whole.trajectory(rung: $0), of: molecule, log: log.log)
      }
      #expect(try readFrames(plain.trajectory, of: molecule, log: log.log) == frames[0])
      #expect(whole.trajectory(rung: 1) == "\(path)/whole/trajectory.rung2.nc")
      #expect(try readAmberTemperatures(path: plain.trajectory) == [])
      for (rung, temperature) in [300.0, 500].enumerated() {
        #expect(frames[rung].frames == 20)
        #expect(try readAmberTemperatures(path: whole.trajectory(rung: rung)) == [temperature])
        let rows = try rows(whole.energies(rung: rung))
        #expect(rows.map { $0[0] } == (0..<20).map(Double.init))
        #expect(rows.map { $0[2] } == (0..<20).map { Double($0 % 2) })
        let energies = molecule.energy.terms(
          coordinates: frames[rung].coordinates, execution: .serial
        ).map(\.total)
        // Coordinates are rounded to single precision.
        expectClose(rows.map { $0[4] }, energies, absolute: 0.05, "rung \(rung)")
        expectClose(
          [rows.reduce(0) { $0 + $1[4] } / 20], [summary.rungs[rung].meanPotential],
          absolute: 1e-3)
      }
      // A walker is on one rung at a time.
      let walkers = try (0..<2).map { rung in try rows(whole.energies(rung: rung)).map { $0[3] } }
      #expect(zip(walkers[0], walkers[1]).allSatisfy { $0 != $1 })

      let stopped = SimulationFolder(path: "\(path)/stopped")
      for stop in [13, 20] {
        #expect(throws: RunError.self) {
          try run(
            in: stopped, everyRung: true,
            log.context(stopReason: stopping(after: stop, "enough")))
        }
      }
      #expect(try run(in: stopped, everyRung: true, log.context()) == summary)
      for rung in 0..<2 {
        for file in [SimulationFolder.trajectory(rung:), SimulationFolder.energies(rung:)] {
          let same =
            try Data(contentsOf: URL(fileURLWithPath: file(stopped)(rung)))
            == Data(contentsOf: URL(fileURLWithPath: file(whole)(rung)))
          #expect(same)
        }
      }
      // Killed while the files got their names: the first, which is the last, has none yet.
      try FileManager.default.moveItem(
        atPath: stopped.trajectory, toPath: stopped.growingTrajectory)
      #expect(try run(in: stopped, everyRung: true, log.context()) == summary)
      #expect(stopped.isComplete)
    }
  }

  @Test func `a record that does not speak of every rung is read`() throws {
    try withTemporaryFolder { path in
      for everyRung in [false, true] {
        let record = try record(everyRung: everyRung)
        #expect(record.settings.keptRungs == 0..<(everyRung ? 2 : 1))
        #expect(record.settings.frames == 20)
        try record.write(path: "\(path)/simulation.yaml")
        #expect(try SimulationRecord.read(path: "\(path)/simulation.yaml") == record)
      }
      let text = try yamlText(try record())
      let old = text.replacing("  frames_of_every_rung: false\n", with: "")
      #expect(old != text)
      try Data(old.utf8).write(to: URL(fileURLWithPath: "\(path)/old.yaml"))
      #expect(try SimulationRecord.read(path: "\(path)/old.yaml") == record())
    }
  }

  @Test func `frames of a hotter rung are no equilibrium at the system's temperature`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      let log = CapturedLog()
      try run(in: folder, everyRung: true, log.context())
      let hot = folder.trajectory(rung: 1)
      #expect(
        throws: RunError.badData(
          path: hot,
          problem: "says that its system was at 500 K, but the system's temperature is 300 K: is "
            + "this another replica's file, or is the system's temperature wrong?")
      ) {
        try readEquilibriumFrames(hot, of: molecule, execution: .serial, log: log.log)
      }
      let stated = try readAmberTemperatures(path: folder.trajectory)
      #expect(temperatureProblem(stated: stated, wanted: 300, path: folder.trajectory) == nil)
    }
  }

  @Test func `what a simulation costs is read from its folder`() throws {
    try withTemporaryFolder { path in
      let (folder, log) = (SimulationFolder(path: path), CapturedLog())
      var settings = SimulationSettings(time: 2, temperatures: [300, 500])
      (settings.timeStep, settings.chains, settings.equilibration) = (0.002, 4, 3)
      (settings.saveEvery, settings.exchangeEvery) = (0.1, 0.02)
      func record(_ settings: SimulationSettings) throws -> SimulationRecord {
        try SimulationRecord(
          settings, system: molecule, start: try molecule.startPath(), context: log.context())
      }
      try record(settings).write(path: folder.record)
      _ = try Simulation(try record(settings), system: molecule, context: log.context(workers: 2))
        .run(in: folder)
      let text = try costCurve(
        of: [folder], reference: folder.trajectory, torusPoints: 20, context: log.context())
      let lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      #expect(
        lines[0] == [
          "evaluations", "chains", "samples", "frames", "energy_w2", "energy_w2_spread",
          "torus_w2", "torus_w2_spread", "phi1_error", "phi1_error_spread", "phi1_unseen",
        ])
      // 2,500 steps of four ladders of two walkers: two share the 10,000 evaluations, which all
      // their frames have cost; the whole is its own reference.
      #expect(
        lines.dropFirst().map { $0.prefix(4) } == [
          ["10000", "2", "2", "40"], ["20000", "4", "1", "80"],
        ])
      let figures = lines.dropFirst().map { Double($0[4]) ?? .nan }
      #expect(figures[0] > 0.01)
      expectClose([figures[1]], [0], absolute: 1e-6)
      #expect(lines[1][5] != "" && lines[2][5] == "")

      // Another simulation: its chains count too, as far as the shorter one goes.
      let other = SimulationFolder(path: "\(path)/other")
      try createFolder(other.path)
      (settings.seed, settings.time, settings.chains) = (2, 1, 1)
      try record(settings).write(path: other.record)
      _ = try Simulation(try record(settings), system: molecule, context: log.context())
        .run(in: other)
      let both = try costCurve(
        of: [folder, other], reference: folder.trajectory, torusPoints: 20, context: log.context())
      #expect(
        both.split(separator: "\n").dropFirst().map {
          $0.split(separator: ",").prefix(4).joined(separator: " ")
        } == ["10000 5 1 0", "20000 5 1 50"])
      /// As if it had been simulated with other settings.
      func write(_ settings: SimulationSettings, _ folder: SimulationFolder) throws {
        try record(settings).write(path: folder.record)
        try? FileManager.default.removeItem(atPath: folder.checkpoint)
        try? FileManager.default.removeItem(atPath: folder.previousCheckpoint)
      }
      func problem(_ settings: SimulationSettings) throws -> String? {
        try write(settings, other)
        let error = #expect(throws: RunError.self) {
          try costCurve(of: [folder, other], reference: nil, context: log.context())
        }
        return error?.description
      }
      settings.seed = 1
      #expect(
        try problem(settings)
          == "\(other.record): has the seed 1, as another one; its chains are the same")
      (settings.seed, settings.equilibration) = (3, 1)
      #expect(
        try problem(settings)
          == "\(other.record): has other settings than \(folder.record); compare simulations that "
          + "differ in seed, time and chains alone")

      settings.temperatures = [400]
      try write(settings, folder)
      #expect(
        throws: RunError.badData(
          path: folder.record,
          problem: "is of a simulation at 400.0 K, but the system's temperature is 300.0 K; "
            + "simulate at that temperature")
      ) { try costCurve(of: [folder], reference: nil, context: log.context()) }
    }
  }

  @Test func `a record is read as it was written, and notices what changed`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      #expect(throws: RunError.self) { try SimulationFolder(existing: path) }
      let record = try record()
      try record.write(path: folder.record)
      #expect(try SimulationFolder(existing: path) == folder)
      let log = CapturedLog()
      #expect(try SimulationRecord.resumed(folder, context: log.context()) == record)
      #expect(log.messages.isEmpty)
      let text = try String(contentsOfFile: folder.record, encoding: .utf8)
      let instructions = "instructions: \(VectorInstructions.best.rawValue)"
      try Data(text.replacing(instructions, with: "instructions: abacus").utf8)
        .write(to: URL(fileURLWithPath: folder.record))
      _ = try SimulationRecord.resumed(folder, context: log.context())
      #expect(log.messages.count == 1 && log.messages[0].contains("began with abacus lanes"))
      try Data(text.replacing("fnv1a: ", with: "fnv1a: f").utf8)
        .write(to: URL(fileURLWithPath: folder.record))
      #expect(throws: RunError.self) {
        try SimulationRecord.resumed(folder, context: log.context())
      }
    }
  }

  @Test func `a start that is the mirror image of its names is simulated with a warning`() throws {
    try withTemporaryFolder { path in
      let start = "\(path)/start.rst7"
      try writeTextRestart(try acetylFrame()[0].map { SIMD3($0.x, $0.y, -$0.z) }, path: start)
      var settings = SimulationSettings(time: 0.1, temperatures: [300])
      (settings.saveEvery, settings.chains, settings.equilibration) = (0.1, 1, 0)
      let log = CapturedLog()
      let record = try SimulationRecord(
        settings, system: molecule, start: start, context: log.context())
      _ = try Simulation(record, system: molecule, context: log.context())
        .run(in: SimulationFolder(path: path))
      #expect(
        log.messages.filter { $0.hasPrefix("warning: ") } == [
          "warning: \(start): the stereocentre ALA2 CA is the mirror image of what the name ALA "
            + "stands for"
        ])
    }
  }

  @Test func `hydrogens that leave their partners too little are refused`() throws {
    var settings = SimulationSettings(time: 1, temperatures: [300])
    settings.hydrogenMass = 6
    let context = CapturedLog().context()
    let record = try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(), context: context)
    #expect(
      throws: RunError.configuration(
        source: "simulation",
        problem: "hydrogens of 6.0 u leave their partners too little; choose a lower hydrogen mass")
    ) { _ = try Simulation(record, system: molecule, context: context) }
  }

  @Test func `a simulation that explodes names its walker and step`() throws {
    try withTemporaryFolder { path in
      var settings = SimulationSettings(time: 2, temperatures: [300])
      (settings.timeStep, settings.hydrogenMass, settings.chains) = (0.01, nil, 1)
      let context = CapturedLog().context()
      let record = try SimulationRecord(
        settings, system: molecule, start: try molecule.startPath(), context: context)
      let folder = SimulationFolder(path: path)
      let error = #expect(throws: SimulationError.self) {
        try Simulation(record, system: molecule, context: context).run(in: folder)
      }
      guard case .diverged(path, let step, 0, 0.01) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect((1...220).contains(step))
      #expect(error?.description.hasSuffix("with a time step below 10fs") == true)
    }
  }
}
