import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing

@testable import Boltzmann

/// Numbers of records that no run has are refused, and never end the program.
@Suite struct RecordBoundsTests {
  /// A checkpoint of two walkers of one atom, with a text in place of another.
  private func fits(_ old: String, _ new: String) throws -> Bool {
    let path = goldenFolder.appending(path: "../Fuzz/Corpus/checkpoint/bare.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    try #require(text.contains(old))
    let checkpoint = SimulationCheckpoint(Data(text.replacing(old, with: new).utf8))
    return checkpoint?.fits(walkers: 2, atoms: 1) ?? false
  }

  @Test(arguments: [
    ("\"ladders\":1", "\"ladders\":9223372036854775807"), ("\"step\":200", "\"step\":-1"),
    ("\"step\":200", "\"step\":9223372036854775807"), ("\"frames\":4", "\"frames\":-4"),
    ("\"tableBytes\":217", "\"tableBytes\":9223372036854775807"),
    ("\"temperatures\":2", "\"temperatures\":0"), ("\"temperatures\":2", "\"temperatures\":1"),
    ("\"rounds\":1", "\"rounds\":9223372036854775807"), ("\"attempts\":[2]", "\"attempts\":[-2]"),
    ("\"rungs\":[1,0]", "\"rungs\":[1,1]"), ("\"rungs\":[1,0]", "\"rungs\":[1,7]"),
    ("\"kinetics\":[87.0,58.35]", "\"kinetics\":[87.0]"),
    (
      "\"tableBytes\":217", "\"tableBytes\":217,\"furtherTableBytes\":[-1]"
    ),
    (
      "\"tableBytes\":217",
      "\"tableBytes\":217,\"jumps\":{\"attempts\":[9223372036854775807],\"accepted\":[1],"
        + "\"without_density\":0}"
    ),
  ])
  func `a checkpoint of impossible numbers is damaged`(old: String, new: String) throws {
    #expect(try fits("\"atoms\":1", "\"atoms\":1"))
    #expect(try !fits(old, new))
  }

  @Test(arguments: ["[]", "[{}]", "7"])
  func `a summary without temperatures is none`(rungs: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/summary.json"
      let text =
        "{\"system\":\"x\",\"chains\":1,\"time_ps\":1,\"frames\":1,\"round_trips\":0,"
        + "\"rungs\":\(rungs)}"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      #expect(
        throws: RunError.badData(path: path, problem: "is no summary of a simulation")
      ) { try SimulationSummary.read(path: path) }
    }
  }

  @Test func `a simulation has a temperature`() {
    let settings = SimulationSettings(time: 1, temperatures: [])
    #expect(
      throws: RunError.configuration(
        source: "simulation",
        problem: "the temperatures are [] K, expected ascending ones, each 0.001 to 100000")
    ) { try settings.validate() }
  }

  @Test func `a stream whose place cannot be counted on from is refused`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/drawn.json"
      func take() throws -> Int {
        try DrawnStream.take(
          8, seed: 1, path: path, samples: "\(folder)/samples.nc", weights: "\(folder)/w.csv",
          trained: 3)
      }
      func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      for next in [Int.max, 1 << 55 + 1] {
        try write("{\"seed\":1,\"next\":\(next)}", "drawn.json")
        #expect(
          throws: RunError.badData(
            path: path, problem: "does not say which samples were drawn; pass another seed")
        ) { try take() }
      }
      try FileManager.default.removeItem(atPath: path)
      try write(
        "{\"program\":\"x\",\"seed\":1,\"first\":9223372036854775807,\"count\":9,"
          + "\"prior_scale\":1,\"precision\":\"fp32\"}", "samples.json")
      #expect(try take() == 3)
    }
  }
}
