import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct RanksTests {
  @Test(arguments: [1, 2, 3, 7], [(0, 1), (1, 1), (10, 1), (1000, 1), (1000, 24), (5, 8)])
  func `shares cover everything once, in multiples`(count: Int, work: (total: Int, size: Int)) {
    let shares = Ranks(rank: 0, of: count) { _, _ in }
      .shares(of: work.total, granularity: work.size)
    #expect(shares.count == count)
    #expect(shares.flatMap(Array.init) == Array(0..<work.total))
    #expect(shares.allSatisfy { $0.lowerBound % work.size == 0 || $0.isEmpty })
    let lengths = shares.map(\.count)
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 2 * work.size)
  }

  @Test(arguments: [1, 2, 4, 5]) func `every rank gets what the others know`(count: Int) throws {
    let results = try onRanks(count) { ranks in
      let shares = ranks.shares(of: 11)
      let own = shares[ranks.rank].flatMap { [Double($0), Double($0) + 0.5] }
      return (
        ranks.gathered(own, shares: shares, size: 2), ranks.gathered(ranks.rank * ranks.rank),
        ranks.bytesOfFirst(ranks.isFirst ? Array("what the first knows".utf8) : nil)
      )
    }
    for (all, squares, bytes) in results {
      #expect(all == (0..<22).map { Double($0) / 2 })
      #expect(squares == (0..<count).map { $0 * $0 })
      #expect(String(decoding: bytes, as: UTF8.self) == "what the first knows")
    }
  }

  /// Numbers whose sum depends on the order.
  private static func gradients(_ count: Int, elements: Int) -> [[Float]] {
    (0..<count).map { gradient in
      var generator = RandomGenerator(seed: 3, stream: .shuffling, step: gradient)
      return (0..<elements).map { _ in Float(exp2(12 * generator.uniform()) * generator.normal()) }
    }
  }

  @Test(arguments: [1, 2, 3, 5], [(5, 1), (6, 4), (16, 40_001)])
  func `a sum over ranks has the bits of one in order`(
    count: Int, sizes: (gradients: Int, elements: Int)
  ) throws {
    let all = Self.gradients(sizes.gradients, elements: sizes.elements)
    var expected = all[0]
    addGradients(Array(all.dropFirst()), to: &expected)
    var backwards = all[sizes.gradients - 1]
    addGradients(all.dropLast().reversed(), to: &backwards)
    #expect(sizes.elements < 100 || backwards != expected)
    let sums = try onRanks(count) { ranks in
      var rankSum = RankSum(of: all.count, over: ranks)
      // Twice, as in two steps.
      return (0..<2).map { _ in
        var sum = [Float](repeating: .nan, count: sizes.elements)
        rankSum.take(Array(all[rankSum.own]), into: &sum, workers: 2)
        return sum
      }
    }
    #expect(sums.allSatisfy { $0 == [expected, expected] })
  }
}
