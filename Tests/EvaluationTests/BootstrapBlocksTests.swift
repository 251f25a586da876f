import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct BootstrapBlocksTests {
  private func weights(_ count: Int) -> [Double] {
    var generator = PCG64(seed: 3)
    return (0..<count).map { _ in 1.5 * generator.uniform() }
  }

  @Test func `rows are drawn up to a number, and blocks that are all rows above it`() throws {
    #expect(bootstrapBlocks(of: AveragedSample(proposals: weights(mostDrawnRows))) == nil)
    let runs = [40_000, 70_001]
    let sample = AveragedSample(proposals: weights(110_001), runs: runs)
    let blocks = try #require(bootstrapBlocks(of: sample))
    #expect(blocks.count == 2)
    #expect(blocks.joined().flatMap { Array($0) } == Array(0..<110_001))
    #expect(blocks.map { $0.map(\.count).reduce(0, +) } == runs)
    #expect((1_900...2_000).contains(blocks.joined().count))
  }

  @Test func `errors and bands of blocks are those of the delta method`() throws {
    let rows = 120_000
    let sample = AveragedSample(proposals: weights(rows))
    var generator = PCG64(seed: 5)
    let values = (0..<rows).map { _ in generator.uniform() }
    let bins = values.map { $0 < 0.02 ? 0 : 1 }
    let column: @Sendable (Int) -> [Double] = { quantity in
      quantity == 0 ? values : values.map { $0 < 0.02 ? 1 : 0 }
    }
    let blocks = try #require(bootstrapBlocks(of: sample))
    let averages = Averages(2, over: sample, column: column)
    for quantity in 0..<2 {
      let average = averages.average(quantity)
      let wanted = sample.error(ofMean: column(quantity))
      #expect(abs(average.value - sample.mean(column(quantity))) < 1e-12)
      // An error from 200 draws is off by 5 % (one standard deviation), and is never below.
      #expect(average.error >= wanted && average.error < 1.2 * wanted)
    }
    let population = sample.mean(column(1))
    let sums = blocks.joined().flatMap { block in
      [
        block.reduce(0) { $0 + sample.weights[$1] },
        block.reduce(0) { $0 + (bins[$1] == 0 ? sample.weights[$1] : 0) },
      ]
    }
    let drawn = drawnShares(
      of: blocks.map(\.count), sums: sums, width: 2, draws: 400, seed: 1
    ).map { $0[0] }
    let mean = drawn.reduce(0, +) / 400
    let deviation = (drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot()
    let wanted = sample.error(ofMean: column(1))
    #expect(abs(mean - population) < 5 * wanted / 20)
    #expect(abs(deviation / wanted - 1) < 0.15)
    let band = try #require(bootstrapPopulations([bins], count: 2, over: sample))[0][0]
    #expect(band.contains(population))
    #expect(abs((band.upperBound - band.lowerBound) / (2 * 1.96 * wanted) - 1) < 0.3)
  }

  @Test func `the largest of many are those of sorting`() {
    var generator = PCG64(seed: 8)
    let numbers = (0..<5_000).map { _ in (generator.uniform() * 500).rounded() }
    for count in [0, 1, 2, 7, 100, 600, 625, 4_999, 5_000, 6_000] {
      #expect(largestValues(count, of: numbers) == Array(numbers.sorted().suffix(count)))
    }
    #expect(largestValues(3, of: [-.infinity, 2, -.infinity]) == [-.infinity, -.infinity, 2])
  }
}
