import CKernels

/// The sum of gradients that are spread over ranks: the first one, plus the second, and so on, so
/// that the bits do not depend on who has which (`RanksTests`).
///
/// Each rank adds up its slice of all gradients, and gets the sums of the other slices. Of n
/// gradients of N elements a rank of R sends n N/R · (1 − 1/R) numbers to add and N/R · (R − 1) of
/// the sum.
package struct RankSum: Sendable {
  package let ranks: Ranks
  /// Which of the gradients each rank has.
  package let owners: [Range<Int>]
  /// This rank's slices of all gradients, [gradients, elements of the slice].
  private var rows: [Float] = []

  package init(of gradients: Int, over ranks: Ranks) {
    self.ranks = ranks
    owners = ranks.shares(of: gradients)
  }

  /// The gradients that this rank has.
  package var own: Range<Int> { owners[ranks.rank] }

  /// - Parameters:
  ///   - gradients: Those of this rank, in their order.
  ///   - sum: As long as a gradient; what it holds is lost.
  package mutating func take(_ gradients: [[Float]], into sum: inout [Float], workers: Int) {
    precondition(
      gradients.count == own.count && gradients.allSatisfy { $0.count == sum.count },
      "\(gradients.count) gradients of \(gradients.map(\.count)), expected \(own.count) of \(sum.count)"
    )
    let slices = ranks.shares(of: sum.count)
    let (slice, total) = (slices[ranks.rank], owners.last?.upperBound ?? 0)
    let size = slice.count
    if rows.count != total * size { rows = [Float](repeating: 0, count: total * size) }
    ranks.transpose(gradients, slices: slices, into: &rows, rows: owners)
    for (row, gradient) in zip(own, gradients) {
      rows.replaceSubrange(row * size..<(row + 1) * size, with: gradient[slice])
    }
    rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      forEachRange(of: &sum, in: [slice], workers: workers) { range, sum in
        let first = rows + (range.lowerBound - slice.lowerBound)
        sum.update(from: first, count: range.count)
        for row in 1..<total { ck_add(range.count, first + row * size, sum) }
      }
    }
    ranks.gather(&sum, shares: slices)
  }
}
