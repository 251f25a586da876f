import CKernels

/// The order in which the gradients of several parts are added: each half by itself, and so on down
/// to one part.
///
/// `S(a, a + 1) = xₐ` and `S(a, b) = S(a, m) + S(m, b)` with `m = ⌊(a + b)/2⌋`. Whoever has all parts
/// of a half can add them without the others, so the bits do not depend on who has which; and
/// rounding errors grow with log n (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
/// section 4.2).
struct PairwiseSum: Sendable {
  /// The parts, in their order.
  let parts: Range<Int>

  /// nil for a part.
  var halves: (PairwiseSum, PairwiseSum)? {
    guard parts.count > 1 else { return nil }
    let middle = (parts.lowerBound + parts.upperBound) / 2
    return (
      PairwiseSum(parts: parts.lowerBound..<middle), PairwiseSum(parts: middle..<parts.upperBound)
    )
  }

  /// The fewest terms of the sum that make up some of its parts.
  func terms(of some: Range<Int>) -> [PairwiseSum] {
    let both = parts.clamped(to: some)
    if both.isEmpty { return [] }
    guard both != parts, let (first, second) = halves else { return [self] }
    return first.terms(of: some) + second.terms(of: some)
  }

  /// Adds terms up.
  ///
  /// - Parameters:
  ///   - terms: Some that make up the sum, each with its elements; the first ones may be `sum`
  ///     itself.
  ///   - spare: Memory for the halves that wait, [depth, elements].
  func add(
    _ terms: ArraySlice<(sum: PairwiseSum, elements: UnsafePointer<Float>)>,
    into sum: UnsafeMutablePointer<Float>, count: Int, spare: UnsafeMutablePointer<Float>
  ) {
    guard terms.count > 1, let (first, second) = halves else {
      guard let only = terms.first, only.elements != UnsafePointer(sum) else { return }
      return sum.update(from: only.elements, count: count)
    }
    let cut =
      terms.firstIndex { $0.sum.parts.lowerBound >= second.parts.lowerBound }
      ?? terms.endIndex
    first.add(terms[..<cut], into: sum, count: count, spare: spare)
    let others = terms[cut...]
    if others.count == 1, let only = others.first { return ck_add(count, only.elements, sum) }
    second.add(others, into: spare, count: count, spare: spare + count)
    ck_add(count, spare, sum)
  }

  /// The halves that wait at most at the same time.
  var depth: Int { parts.count.bitWidth - parts.count.leadingZeroBitCount }
}

/// The sum of gradients by halves: the same bits for any number of workers.
///
/// - Parameter sum: The first of the gradients, before.
package func addGradients(_ others: [[Float]], to sum: inout [Float], workers: Int = 1) {
  for gradient in others {
    precondition(gradient.count == sum.count, "\(gradient.count) added to \(sum.count)")
  }
  let whole = PairwiseSum(parts: 0..<others.count + 1)
  forEachRange(of: &sum, workers: workers) { range, sum in
    withBuffers(of: others) { others in
      let terms =
        [(PairwiseSum(parts: 0..<1), UnsafePointer(sum))]
        + others.enumerated().compactMap { place, other in
          other.baseAddress.map {
            (PairwiseSum(parts: place + 1..<place + 2), $0 + range.lowerBound)
          }
        }
      whole.add(terms, into: sum, count: range.count)
    }
  }
}

extension PairwiseSum {
  /// Adds all terms up.
  func add(
    _ terms: [(sum: PairwiseSum, elements: UnsafePointer<Float>)],
    into sum: UnsafeMutablePointer<Float>, count: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: depth * count) { spare in
      guard let base = spare.baseAddress else { return }
      add(terms[...], into: sum, count: count, spare: base)
    }
  }
}
