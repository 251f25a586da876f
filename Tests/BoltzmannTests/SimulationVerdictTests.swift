import Evaluation
import Reporting
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// What the report of a simulation says of its worth.
@Suite struct SimulationVerdictTests {
  /// The summary of two chains of 1,000 frames.
  ///
  /// - Parameter isInFirst: Whether a frame is in the first of two states.
  private func summary(
    doubts: [String] = [], isInFirst: (Int) -> Bool
  ) throws -> (verdict: Verdict, tiles: [String]) {
    let molecule = try system("AL2")
    let record = try SimulationRecord(
      SimulationSettings(time: 1_000, temperatures: [300]), system: molecule,
      start: try molecule.startPath(), context: CapturedLog().context())
    let first = (0..<2_000).map { isInFirst($0) ? 1.0 : 0 }
    let section = ReportedSimulation(
      folder: SimulationFolder(path: "md"), record: record, system: molecule,
      set: AnalysisSet(
        paths: ["md"], AveragedSample(chains: [1_000, 1_000]),
        Trajectory(atoms: 1, coordinates: [Double](repeating: 0, count: 6_000)),
        energies: [Double](repeating: 0, count: 2_000)),
      torsions: [], angles: [], states: ["alpha", "beta"],
      memberships: [first, first.map { 1 - $0 }], doubts: doubts, summary: nil, energies: nil
    ).summarySection()
    var found: (verdict: Verdict?, tiles: [String]) = (nil, [])
    for block in section.blocks {
      if case .verdict(let verdict) = block { found.verdict = verdict }
      if case .tiles(let tiles) = block { found.tiles = tiles.map(\.name) }
    }
    return (try #require(found.verdict), found.tiles)
  }

  @Test func `a simulation that stays in one state is not called usable`() throws {
    let (verdict, tiles) = try summary { _ in true }
    #expect(verdict.grade == .caution)
    #expect(verdict.headline == "Unproven: no state has been left or entered.")
    #expect(verdict.sentences.last?.hasPrefix("To do better: simulate longer") == true)
    #expect(tiles == ["frames"])
    let doubtful = try summary(doubts: ["too hot"]) { _ in true }.verdict
    #expect(doubtful.grade == .bad && doubtful.headline.hasPrefix("Doubtful"))
  }

  @Test func `the slowest state grades a simulation that leaves it`() throws {
    var generator = PCG64(seed: 1)
    let coins = (0..<2_000).map { _ in generator.uniform() < 0.5 }
    let (verdict, tiles) = try summary { coins[$0] }
    #expect(verdict.grade == .good && verdict.headline.hasPrefix("Usable: "))
    #expect(tiles == ["frames", "independent frames"])
    let slow = try summary { $0 % 1_000 < 500 }.verdict
    #expect(slow.grade == .bad && slow.headline.hasPrefix("Not converged"))
  }

  @Test func `a state that was seen a few times makes a simulation usable with care`() throws {
    // Seven visits of three successive frames each, however fast the state is forgotten.
    let few = try summary { $0 % 290 < 3 }.verdict
    #expect(few.grade == .caution)
    #expect(few.headline == "Usable with care: alpha has been visited only a few times.")
    #expect(
      few.sentences.contains {
        $0.hasPrefix("The frames in alpha are worth about ")
          && $0.hasSuffix(": its population has no error that can be trusted.")
      }, "\(few.sentences)")
    let often = try summary { $0 % 50 < 3 }.verdict
    #expect(often.grade == .good)
    // What is as rare as this says little of the rest.
    let rare = try summary { (500..<503).contains($0) }.verdict
    #expect(rare.grade == .good)
    #expect(rare.sentences.contains { $0.contains("no error that can be trusted") })
  }
}
