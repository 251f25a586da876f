/// The sum of gradients that are spread over ranks, by halves as `addGradients` has it, so that the
/// bits do not depend on who has which (`RanksTests`).
///
/// Each rank adds up the halves that it has by itself, its terms, then its slice of the terms of
/// all, and gets the sums of the other slices. A rank of R with t terms of N elements sends
/// t N (1 − 1/R) numbers to add and N/R · (R − 1) of the sum; t is 1 where R is a power of two.
package struct RankSum: Sendable {
  package let ranks: Ranks
  /// Which of the gradients each rank has.
  package let owners: [Range<Int>]
  private let whole: PairwiseSum
  /// The terms of each rank.
  private let terms: [[PairwiseSum]]
  /// This rank's slices of all terms, [terms, elements of the slice].
  private var rows: [Float] = []

  package init(of gradients: Int, over ranks: Ranks) {
    self.ranks = ranks
    let (whole, owners) = (PairwiseSum(parts: 0..<gradients), ranks.shares(of: gradients))
    (self.whole, self.owners) = (whole, owners)
    terms = owners.map { whole.terms(of: $0) }
  }

  /// The numbers that a rank keeps between two sums, its slice of the terms of all, in units of
  /// those of a gradient: `Σ t/R` over the ranks.
  package static func kept(of gradients: Int, over ranks: Int) -> Double {
    let sum = RankSum(of: gradients, over: Ranks(rank: 0, of: ranks) { _, _ in })
    return Double(sum.terms.joined().count) / Double(ranks)
  }

  /// The gradients that this rank has.
  package var own: Range<Int> { owners[ranks.rank] }

  /// Those of them that it adds up before others see them, in their order.
  package var ownTerms: [Range<Int>] { terms[ranks.rank].map(\.parts) }

  /// - Parameters:
  ///   - sums: Of this rank's terms, each by `addGradients`.
  ///   - sum: As long as a gradient; what it holds is lost.
  package mutating func take(_ sums: [[Float]], into sum: inout [Float], workers: Int) {
    precondition(
      sums.count == ownTerms.count && sums.allSatisfy { $0.count == sum.count },
      "\(sums.count) terms of \(sums.map(\.count)), expected \(ownTerms.count) of \(sum.count)")
    let slices = ranks.shares(of: sum.count)
    let (slice, all) = (slices[ranks.rank], Array(terms.joined()))
    let size = slice.count
    if rows.count != all.count * size { rows = [Float](repeating: 0, count: all.count * size) }
    let places = terms.indices.map { rank in
      let first = terms[..<rank].map(\.count).reduce(0, +)
      return first..<first + terms[rank].count
    }
    ranks.transpose(sums, slices: slices, into: &rows, rows: places)
    for (row, own) in zip(places[ranks.rank], sums) {
      rows.replaceSubrange(row * size..<(row + 1) * size, with: own[slice])
    }
    rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      forEachRange(of: &sum, in: [slice], workers: workers) { range, sum in
        let first = rows + (range.lowerBound - slice.lowerBound)
        let pieces = all.enumerated().map { (sum: $1, elements: first + $0 * size) }
        whole.add(pieces, into: sum, count: range.count)
      }
    }
    ranks.gather(&sum, shares: slices)
  }
}
