import Boltzmann
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import TestSupport
import Testing

@Suite struct RankSimulationTests {
  private let molecule: MolecularSystem
  private let record: SimulationRecord

  init() throws {
    molecule = try system("AL2")
    // Three groups of eight walkers, the last one half empty.
    var settings = SimulationSettings(time: 0.4, temperatures: [300, 400, 500, 600])
    (settings.timeStep, settings.chains, settings.framesOfEveryRung) = (0.002, 5, true)
    (settings.saveEvery, settings.exchangeEvery) = (0.1, 0.02)
    record = try SimulationRecord(
      settings, system: molecule, start: try molecule.startPath(),
      context: CapturedLog().context())
  }

  /// Simulates on several ranks; what each says when it stops.
  private func run(
    in path: String, ranks count: Int, stop: (rank: Int, after: Int)? = nil
  ) throws -> [String] {
    let folder = SimulationFolder(path: path)
    try createFolder(path)
    let (record, molecule) = (record, molecule)
    return try onRanks(count) { ranks in
      var context = CapturedLog().context()
      context.ranks = ranks
      if let stop, stop.rank == ranks.rank {
        context.stopReason = stopping(after: stop.after, "enough")
      }
      do {
        let summary = try Simulation(record, system: molecule, context: context).run(in: folder)
        return "\(summary.frames) frames"
      } catch RunError.interrupted(_, let step, let reason) {
        return "\(step): \(reason)"
      }
    }
  }

  /// All files, by their names.
  private func files(_ path: String) throws -> [String: Data] {
    try FileManager.default.contentsOfDirectory(atPath: path).reduce(into: [:]) {
      $0[$1] = try Data(contentsOf: URL(filePath: "\(path)/\($1)"))
    }
  }

  @Test func `any number of ranks simulates the same, also after a stop`() throws {
    try withTemporaryFolder { path in
      #expect(try run(in: "\(path)/1", ranks: 1) == ["20 frames"])
      let expected = try files("\(path)/1")
      #expect(expected.keys.contains("trajectory.nc") && expected.count > 8)
      for count in [2, 3, 4] {
        let folder = "\(path)/\(count)"
        #expect(
          try run(in: folder, ranks: count, stop: (rank: count - 1, after: 7))
            == (1..<count).map { _ in "70: rank \(count - 1)" } + ["70: enough"])
        #expect(
          try run(in: folder, ranks: 5 - count) == (0..<5 - count).map { _ in "20 frames" })
        let found = try files(folder)
        // One that was stopped has the checkpoint of that, too.
        #expect(Set(found.keys) == Set(expected.keys).union(["checkpoint.previous.json"]))
        for (name, data) in expected { #expect(found[name] == data, "\(name) of \(count) ranks") }
      }
    }
  }
}
