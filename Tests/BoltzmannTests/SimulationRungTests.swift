import Boltzmann
import Foundation
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct SimulationRungTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL2") }

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
      try simulateAcetyl(in: plain, log.context())
      let summary = try simulateAcetyl(in: whole, everyRung: true, log.context())
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
        let facts = try fileFacts(path: whole.trajectory(rung: rung))
        let stated = facts.first { $0.name == "temperatures K" }?.value
        #expect(stated == .text(rung == 0 ? "300.0" : "500.0"))
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
          try simulateAcetyl(
            in: stopped, everyRung: true,
            log.context(stopReason: stopping(after: stop, "enough")))
        }
      }
      #expect(try simulateAcetyl(in: stopped, everyRung: true, log.context()) == summary)
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
      #expect(try simulateAcetyl(in: stopped, everyRung: true, log.context()) == summary)
      #expect(stopped.isComplete)
    }
  }

  @Test func `a record that does not speak of every rung is read`() throws {
    try withTemporaryFolder { path in
      for everyRung in [false, true] {
        let record = try acetylRecord(everyRung: everyRung)
        #expect(record.settings.keptRungs == 0..<(everyRung ? 2 : 1))
        #expect(record.settings.frames == 20)
        try record.write(path: "\(path)/simulation.yaml")
        #expect(try SimulationRecord.read(path: "\(path)/simulation.yaml") == record)
      }
      let text = try yamlText(try acetylRecord())
      let old = text.replacing("  frames_of_every_rung: false\n", with: "")
      #expect(old != text)
      try Data(old.utf8).write(to: URL(fileURLWithPath: "\(path)/old.yaml"))
      #expect(try SimulationRecord.read(path: "\(path)/old.yaml") == acetylRecord())
    }
  }

  @Test func `frames of a hotter rung are no equilibrium at the system's temperature`() throws {
    try withTemporaryFolder { path in
      let folder = SimulationFolder(path: path)
      let log = CapturedLog()
      try simulateAcetyl(in: folder, everyRung: true, log.context())
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
}
