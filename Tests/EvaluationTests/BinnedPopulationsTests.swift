import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct BinnedPopulationsTests {
  private let points = normals(2_000, deviation: 1.3, seed: 8)
  /// Four bins, and none below −2.
  private var bins: [Int] {
    points.map { $0 < -2 ? -1 : $0 < -1 ? 0 : $0 < 0 ? 1 : $0 < 1 ? 2 : 3 }
  }

  private func indicators(_ bin: Int) -> [Double] { bins.map { $0 == bin ? 1 : 0 } }

  @Test func `populations of bins and their errors are those of states`() {
    let logWeights = points.map { -$0 * $0 / 2 * (1 - 1 / 1.69) }
    for runs in [[2_000], [500, 700, 800]] {
      let sample = AveragedSample(proposals: logWeights, runs: runs)
      let found = binnedPopulations(bins, count: 4, over: sample)
      let columns = (0..<4).map(indicators)
      expectClose(found.map(\.value), columns.map(sample.mean), relative: 1e-12)
      expectClose(found.map(\.error), columns.map(sample.error), relative: 1e-9)
    }
  }

  @Test func `errors of chains are those of states, whatever the chains remember`() {
    let sample = AveragedSample(chains: [500, 500, 500, 500])
    let found = binnedPopulations(bins, count: 5, over: sample)
    let columns = (0..<5).map(indicators)
    expectClose(found.map(\.value), columns.map(sample.mean), relative: 1e-12)
    expectClose(
      found.prefix(4).map(\.error), columns.prefix(4).map(sample.error), relative: 0.15)
    #expect(found[4] == Estimate(value: 0, error: 0))
    // Two of four chains in each bin: √(4/3 · 4 (½/4)²), or more.
    let stuck = (0..<4).flatMap { [Int](repeating: $0 % 2, count: 500) }
    let apart = binnedPopulations(stuck, count: 2, over: sample)
    #expect(apart[0].error > 0.28)
    expectClose(
      [apart[0].error], [sample.error(ofMean: stuck.map { $0 == 0 ? 1 : 0 })], relative: 0.02)
  }

  /// About 30 % of the frames are in bin 1, which a chain draws again every 250 frames.
  @Test(arguments: [[4_000], [500, 500, 500, 500, 500, 500, 500, 500], [1_700, 5_300]])
  func `bins that are remembered for long have the errors of few frames`(chains: [Int]) {
    var generator = PCG64(seed: 11)
    let bins = chains.flatMap { frames in
      var bin = generator.uniform() < 0.3 ? 1 : 0
      return (0..<frames).map { _ in
        if generator.uniform() < 1 / 250.0 { bin = generator.uniform() < 0.3 ? 1 : 0 }
        return bin
      }
    }
    let sample = AveragedSample(chains: chains)
    let found = binnedPopulations(bins, count: 2, over: sample)
    let wanted = sample.error(ofMean: bins.map(Double.init))
    // Of independent frames it is 0.007 and less.
    #expect(wanted > 0.05)
    expectClose(found.map(\.error), [wanted, wanted], relative: 0.05)
  }

  @Test func `free energies of bins are above that of the largest, and none where nothing is`() {
    let energies = freeEnergies(ofShares: [0.2, 0, 0.5, 0.3])
    #expect(energies == [-log(0.2 / 0.5), nil, 0, -log(0.3 / 0.5)])
    // A table shows −0 as "-0.0".
    #expect(energies[2]?.sign == .plus)
    #expect(freeEnergies(ofShares: [0, 0]) == [nil, nil] && freeEnergies(ofShares: []) == [])
  }

  @Test func `rows further apart than the chains remember are independent`() {
    let noise = normals(4_000, seed: 4)
    var x = 0.0
    let values = noise.map { noise in
      x = 0.8 * x + 0.6 * noise
      return x
    }
    let chains = [0..<2_500, 2_500..<4_000]
    let rows = independentRows(values, chains: chains)
    // g is 9.
    #expect((250...700).contains(rows.count))
    #expect(rows.contains(0) && rows.contains(2_500))
    #expect(statisticalInefficiency([rows.map { values[$0] }]) < 2)
    // Independent frames are all kept, though g of half of them is a little above 1.
    for seed: UInt64 in 4..<8 {
      let noise = normals(4_000, seed: seed)
      #expect(independentRows(noise, chains: [0..<4_000]) == Array(0..<4_000))
    }
  }

  @Test func `bootstrap intervals are those of the errors, and none for dependent rows`() throws {
    let logWeights = points.map { -$0 * $0 / 2 * (1 - 1 / 1.69) }
    let sample = AveragedSample(proposals: logWeights)
    let found = try #require(
      bootstrapPopulations(
        [bins, bins.map { $0 < 0 ? -1 : 3 - $0 }], count: 4, over: sample, draws: 400))
    for (bin, estimate) in binnedPopulations(bins, count: 4, over: sample).enumerated() {
      let interval = found[0][bin]
      #expect(interval.contains(estimate.value))
      // Percentiles of 400 draws are off by a tenth of the width.
      let width = (interval.upperBound - interval.lowerBound) / (2 * 1.96 * estimate.error)
      #expect((0.8...1.25).contains(width))
      #expect(found[1][3 - bin] == interval)
    }
    #expect(
      bootstrapPopulations([bins], count: 4, over: AveragedSample(chains: [2_000])) == nil)
    // Rows of one ancestor, drawn within it, would all be one bin.
    let families = AveragedSample(
      proposals: logWeights, families: [Int](repeating: 2, count: 1_000))
    #expect(bootstrapPopulations([bins], count: 4, over: families) == nil)
  }
}
