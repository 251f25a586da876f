import Boltzmann
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

/// Draws in blocks, and shards that are put together.
@Suite struct MergedSamplesTests {
  private static let names = ["samples.nc", "weights.csv", "samples.json"]

  private func draw(
    _ count: Int = 23, seed: UInt64 = 3, first: Int = 5, shard: String? = nil,
    blocksOf size: Int = 100, to folder: String
  ) throws {
    var options = SamplingOptions()
    options.count = count
    options.priorScale = 1.02
    _ = try untrainedModel(periodic: true).draw(
      options, seed: seed, first: first, shard: shard.map { try #require(Shard($0)) },
      of: system("AL3"), clip: 0, to: folder, blocksOf: size, context: CapturedLog().context())
  }

  private func files(_ folder: String) throws -> [Data] {
    try Self.names.map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")) }
  }

  private func merge(_ folders: String..., to folder: String) throws {
    _ = try mergeSamples(folders, to: folder, context: CapturedLog().context())
  }

  @Test func `blocks and shards give the files of one draw, byte for byte`() throws {
    try withTemporaryFolder { folder in
      try draw(to: "\(folder)/whole")
      let whole = try files("\(folder)/whole")
      try draw(blocksOf: 4, to: "\(folder)/blocks")
      #expect(try files("\(folder)/blocks") == whole)
      for number in 1...3 { try draw(shard: "\(number)/3", blocksOf: 5, to: "\(folder)/\(number)") }
      try merge("\(folder)/3", "\(folder)/1", "\(folder)/2", to: "\(folder)/merged")
      #expect(try files("\(folder)/merged") == whole)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/merged").sorted()
          == Self.names.sorted())
    }
  }

  @Test func `what is no complete set of shards of one draw is refused`() throws {
    try withTemporaryFolder { folder in
      for number in 1...3 { try draw(shard: "\(number)/3", to: "\(folder)/\(number)") }
      try draw(to: "\(folder)/whole")
      try draw(seed: 4, shard: "3/3", to: "\(folder)/other")
      try draw(24, shard: "3/3", to: "\(folder)/longer")
      let (one, two) = ("\(folder)/1", "\(folder)/2")
      func expect(_ message: String, _ folders: String...) {
        let error = #expect(throws: RunError.self) {
          _ = try mergeSamples(folders, to: "\(folder)/x", context: CapturedLog().context())
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/x/samples.nc"))
      }
      expect("3 of 3: no such shard; draw what is missing", one, two)
      expect("is shard 1, as is", one, two, one)
      expect(
        "other/samples.json: has the seed 4, but \(one)/samples.json has 3", one, two,
        "\(folder)/other")
      expect(
        "begins at sample 21, but the shard before it ends at 20", one, two, "\(folder)/longer")
      expect("is of a whole draw", one, two, "\(folder)/whole")
      expect("no such shard; draw it", one, "\(folder)/none")
      let record = URL(fileURLWithPath: "\(folder)/other/samples.json")
      let text = try String(contentsOf: record, encoding: .utf8)
      try Data(text.replacing("\"of\" : 3", with: "\"of\" : 9223372036854775807").utf8)
        .write(to: record)
      expect("other/samples.json: cannot be read", one, "\(folder)/other")
      let table = URL(fileURLWithPath: "\(two)/weights.csv")
      try Data((String(contentsOf: table, encoding: .utf8) + "\n").utf8).write(to: table)
      expect("was not written with the samples.nc and weights.csv beside it", one, two)
    }
  }

  @Test func `shards cover a draw without gaps, in lengths that differ by one at most`() throws {
    for (total, count) in [(10, 3), (7, 7), (1_000_000, 8), (5, 1)] {
      let ranges = try (1...count).map { try #require(Shard("\($0)/\(count)")).range(of: total) }
      #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == total)
      for (range, next) in zip(ranges, ranges.dropFirst()) {
        #expect(range.upperBound == next.lowerBound)
      }
      #expect((ranges.map(\.count).max() ?? 0) - (ranges.map(\.count).min() ?? 0) <= 1)
    }
    for text in ["0/3", "4/3", "1", "1/2/3", "a/b", "1/", "-1/3", "1/1000001"] {
      #expect(Shard(text) == nil, "\(text)")
    }
  }
}
