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

  @Test(arguments: [2, 4])
  func `a rank that fails does not leave the others waiting`(count: Int) {
    #expect(throws: CancellationError.self) {
      _ = try onRanks(count) { ranks -> [Int] in
        if ranks.rank == 1 { throw CancellationError() }
        return ranks.gathered(ranks.rank)
      }
    }
  }

  /// Numbers whose sum depends on the order.
  private static func gradients(_ count: Int, elements: Int) -> [[Float]] {
    (0..<count).map { gradient in
      var generator = RandomGenerator(seed: 3, stream: .shuffling, step: gradient)
      return (0..<elements).map { _ in Float(exp2(12 * generator.uniform()) * generator.normal()) }
    }
  }

  /// The sum by halves, written down once more.
  private static func sum(_ gradients: ArraySlice<[Float]>) -> [Float] {
    guard gradients.count > 1 else { return gradients[gradients.startIndex] }
    let middle = (gradients.startIndex + gradients.endIndex) / 2
    return zip(sum(gradients[..<middle]), sum(gradients[middle...])).map { $0 + $1 }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 16, 31], [1, 3]) func `a sum goes by halves`(
    count: Int, workers: Int
  ) {
    let all = Self.gradients(count, elements: 70_001)
    var found = all[0]
    addGradients(Array(all.dropFirst()), to: &found, workers: workers)
    #expect(found == Self.sum(all[...]))
    let inOrder = all.dropFirst().reduce(all[0]) { zip($0, $1).map { $0 + $1 } }
    #expect((found == inOrder) == (count < 3))
  }

  @Test func `the halves of a range are as few as can be`() {
    for total in 1..<40 {
      let whole = PairwiseSum(parts: 0..<total)
      for first in 0..<total {
        for last in first + 1...total {
          let terms = whole.terms(of: first..<last).map(\.parts)
          #expect(terms.flatMap(Array.init) == Array(first..<last))
          #expect(terms.count <= max(1, 2 * (whole.depth - 1)))
        }
      }
      for ranks in [1, 2, 4] where ranks <= total {
        let shares = Ranks(rank: 0, of: ranks) { _, _ in }.shares(of: total)
        #expect(shares.allSatisfy { whole.terms(of: $0).count == 1 })
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5], [(5, 1), (6, 4), (16, 40_001)])
  func `a sum over ranks has the bits of one by halves`(
    count: Int, sizes: (gradients: Int, elements: Int)
  ) throws {
    let all = Self.gradients(sizes.gradients, elements: sizes.elements)
    let expected = Self.sum(all[...])
    let sums = try onRanks(count) { ranks in
      var rankSum = RankSum(of: all.count, over: ranks)
      // Twice, as in two steps.
      return (0..<2).map { _ in
        var sum = [Float](repeating: .nan, count: sizes.elements)
        let terms = rankSum.ownTerms.map { term in
          var sum = all[term.lowerBound]
          addGradients(Array(all[term.dropFirst()]), to: &sum)
          return sum
        }
        rankSum.take(terms, into: &sum, workers: 2)
        return sum
      }
    }
    #expect(sums.allSatisfy { $0 == [expected, expected] })
  }
}
