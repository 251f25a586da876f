import Evaluation
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct SimulationCostTests {
  private let molecule: MolecularSystem

  init() throws { molecule = try system("AL2") }

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
      let found = try #require(try problem(settings))
      #expect(
        found.hasPrefix(
          "\(other.record): has other settings than \(folder.record): equilibration_ps (a tenth of "
            + "the time unless it is set) is 1"), "\(found)")
      #expect(
        found.hasSuffix("; compare simulations that differ in seed, time and chains alone"),
        "\(found)")

      // 1,000 steps of two walkers, and a proposal every 50 steps before the last.
      settings.proposeEvery = 0.1
      let jumping = try SimulationRecord(
        settings, system: molecule, start: try molecule.startPath(),
        proposals: try molecule.startPath(), context: log.context())
      let chains = try SampledChains(
        try readTrajectory(path: other.trajectory).trajectory, jumping, of: molecule,
        path: other.path, execution: .serial)
      #expect(chains.evaluations.last == 2_000 + 19)

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

  @Test func `a simulation that is to be longer counts as far as it has come`() throws {
    try withTemporaryFolder { path in
      let (folder, log) = (SimulationFolder(path: path), CapturedLog())
      var settings = try acetylRecord().settings
      // Long enough for frames of the system's temperature.
      settings.equilibration = 3
      let record = try SimulationRecord(
        settings, system: molecule, start: try molecule.startPath(), context: log.context())
      try record.write(path: folder.record)
      _ = try Simulation(record, system: molecule, context: log.context()).run(in: folder)
      func costs() throws -> String {
        try costCurve(
          of: [folder], reference: folder.trajectory, torusPoints: 20, context: log.context())
      }
      let complete = try costs()
      try folder.lengthen(to: 2)
      #expect(!folder.isComplete)
      #expect(try costs() == complete)
    }
  }
}
