import Foundation
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

/// Damaged files of samples, weights and simulations give an error, or what the whole ones give.
@Suite struct SampleMutationTests {
  private let molecule: MolecularSystem
  private let context = CapturedLog().context()

  init() throws { molecule = try system("AL3") }

  /// Eight samples with their record and weights.
  private func write(_ frames: Range<Int>, in folder: String) throws {
    let proposals = Proposals(
      conformations: try alanineFrames(frames),
      logDensities: frames.map { 100 / Double($0 + 3) },
      isSupported: frames.map { $0 % 8 != 4 })
    var options = SamplingOptions()
    options.count = frames.count
    try WeightedProposals(proposals, of: molecule, clip: 0, execution: .serial).write(
      samples: "\(folder)/samples.nc", weights: "\(folder)/weights.csv",
      drawn: Draw(options, seed: 1, program: "a test"),
      system: molecule, context: context)
  }

  @Test(arguments: ["samples.nc", "weights.csv"])
  func `no damage gives other samples or weights`(name: String) throws {
    try withTemporaryFolder { folder in
      let other = "\(folder)/other"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      try write(0..<8, in: folder)
      try write(8..<16, in: other)
      func read() throws -> WeightedProposals {
        try WeightedProposals(
          samples: "\(folder)/samples.nc", weights: "\(folder)/weights.csv", of: molecule, clip: 0,
          context: context)
      }
      let expected = try read()
      var refused = 0
      let count = try forEachMutation(
        of: [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))),
        splicedWith: [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(other)/\(name)"))),
        limit: 120
      ) { change, bytes in
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        guard let found = try? read() else {
          refused += 1
          return
        }
        #expect(found.proposals.conformations == expected.proposals.conformations, "\(change)")
        #expect(found.proposals.isSupported == expected.proposals.isSupported, "\(change)")
        for (a, b) in zip(found.proposals.logDensities, expected.proposals.logDensities) {
          // The last digit of a number that is written is not seen.
          #expect(abs(a - b) <= 1e-11 * max(1, abs(b)), "\(change)")
        }
      }
      #expect(refused > count / 2)
    }
  }

  @Test func `a weight that does not follow from its row is named`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/w.csv"
      func problem(_ row: String) throws -> String? {
        try Data("frame,log_q,reduced_energy,log_weight\n\(row)\n".utf8)
          .write(to: URL(fileURLWithPath: path))
        do {
          _ = try WeightsTable.read(path: path)
          return nil
        } catch { return "\(error)".replacing(path, with: "w.csv") }
      }
      let whole = try problem("0,2.25,1.25,-3.5")
      #expect(whole == nil)
      // Rounded to fewer digits by another program.
      #expect(try problem("0,2.2,1.3,-3.5") == nil)
      #expect(try problem("0,2.2468e1,-1.3e0,-21.17") == nil)
      #expect(try problem("0,inf,1.25,-inf") == nil)
      // To six digits, whose zeros at the end are not written.
      #expect(try problem("0,25,-1234.57,1209.57") == nil)
      #expect(try problem("0,26,-1234.57,1209.57") != nil)
      #expect(try problem("0,9.87654,-10.1235,0.246927") == nil)
      #expect(
        try problem("0,2.2500,1.2500,-1.5000")
          == "w.csv: line 2: log_weight is -1.5000, but -reduced_energy - log_q is -3.5; the table "
          + "is damaged: use a copy, draw again, or leave that column out")
    }
  }

  @Test func `no damage gives another checkpoint of a simulation`() throws {
    let corpus = goldenFolder.appending(path: "../Fuzz/Corpus/checkpoint")
    let bare = try String(contentsOf: corpus.appending(path: "bare.json"), encoding: .utf8)
    let whole = try #require(SimulationCheckpoint(Data(bare.utf8)))
    let laterText = bare.replacing("\"step\":200", with: "\"step\":300")
    let other = try #require(SimulationCheckpoint(Data(laterText.utf8)))
    #expect(whole != other)
    let bytes = Array(try whole.text().utf8)
    #expect(SimulationCheckpoint(Data(bytes)) == whole)
    let later = Array(try other.text().utf8)
    var refused = 0
    let count = forEachMutation(
      of: bytes, splicedWith: later, limit: 1_000
    ) { change, bytes in
      if let found = SimulationCheckpoint(Data(bytes)) {
        #expect(found == whole, "\(change)")
      } else {
        refused += 1
      }
    }
    #expect(refused > count * 9 / 10)
  }
}
