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

  /// What a simulation leaves.
  private func results(_ folder: SimulationFolder) throws -> [Data] {
    try [folder.trajectory, folder.energies, folder.summary].map {
      try Data(contentsOf: URL(fileURLWithPath: $0))
    }
  }

  @Test func `a simulation that is stopped and resumed is the uninterrupted one`() throws {
    try withTemporaryFolder { path in
      let whole = SimulationFolder(path: "\(path)/whole")
      let summary = try simulateAcetyl(in: whole, CapturedLog().context(workers: 2))
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
            try simulateAcetyl(
              in: folder, CapturedLog().context(stopReason: stopping(after: stop, "enough")))
          }
          #expect(!folder.isComplete)
        }
        let log = CapturedLog()
        #expect(try simulateAcetyl(in: folder, log.context()) == summary)
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
        try simulateAcetyl(
          in: folder, CapturedLog().context(stopReason: stopping(after: 3, "enough")))
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
        let begun = try acetylRecord()
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
      try simulateAcetyl(in: folder, CapturedLog().context())
      #expect(folder.isComplete)
    }
  }

  @Test func `a damaged checkpoint gives way to the one before, and none is an error`() throws {
    try withTemporaryFolder { path in
      let whole = SimulationFolder(path: "\(path)/whole")
      try simulateAcetyl(in: whole, CapturedLog().context())
      let folder = SimulationFolder(path: "\(path)/run")
      for _ in 0..<2 {
        #expect(throws: RunError.self) {
          try simulateAcetyl(
            in: folder, CapturedLog().context(stopReason: stopping(after: 12, "enough")))
        }
      }
      let checkpoints = [folder.checkpoint, folder.previousCheckpoint].map {
        URL(fileURLWithPath: $0)
      }
      let kept = try Data(contentsOf: checkpoints[1])
      try Data(contentsOf: checkpoints[0]).dropLast(50).write(to: checkpoints[0])
      let log = CapturedLog()
      try simulateAcetyl(in: folder, log.context())
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
      ) { try simulateAcetyl(in: folder, CapturedLog().context()) }
    }
  }

  @Test func `energies and frames belong together`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      let log = CapturedLog()
      try simulateAcetyl(in: folder, log.context())
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

  @Test func `a record is read as it was written, and notices what changed`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      #expect(throws: RunError.self) { try SimulationFolder(existing: path) }
      let record = try acetylRecord()
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
