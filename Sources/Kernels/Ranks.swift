/// The processes that work on one job.
///
/// Each rank has all the data and takes the same steps in the same order. What is worth sharing is
/// cut into one range for each rank; a rank computes its own and gets those of the others, so that
/// all go on with the same bits. A function that takes `Ranks` has to be called by every rank.
package struct Ranks: Sendable {
  /// Bytes that go to a rank.
  package struct Outgoing {
    package let rank: Int
    package let bytes: UnsafeRawBufferPointer
  }

  /// The place of bytes that come from a rank.
  package struct Incoming {
    package let rank: Int
    package let bytes: UnsafeMutableRawBufferPointer
  }

  /// Sends and receives, and returns when both are done; between two ranks bytes arrive in the
  /// order in which they are sent.
  package typealias Exchange = @Sendable (_ sent: [Outgoing], _ received: [Incoming]) -> Void

  /// The number of this process, from 0.
  package let rank: Int
  package let count: Int
  private let exchange: Exchange

  /// - Parameter exchange: Among all ranks.
  package init(rank: Int, of count: Int, exchange: @escaping Exchange) {
    precondition(count >= 1 && (0..<count).contains(rank), "rank \(rank) of \(count)")
    (self.rank, self.count, self.exchange) = (rank, count, exchange)
  }

  /// One process, which has all to do by itself.
  package static let alone = Ranks(rank: 0, of: 1) { _, _ in }

  /// Whether this is the rank that writes files and talks.
  package var isFirst: Bool { rank == 0 }

  private var others: [Int] { (0..<count).filter { $0 != rank } }

  /// The ranges of 0 ..< total, one for each rank, as equal as multiples of `granularity` can be.
  package func shares(of total: Int, granularity: Int = 1) -> [Range<Int>] {
    let units = (total + granularity - 1) / granularity
    return (0..<count).map { rank in
      let (low, high) = (rank * units / count, (rank + 1) * units / count)
      return min(total, low * granularity)..<min(total, high * granularity)
    }
  }

  /// Fills the elements that other ranks know.
  ///
  /// - Parameters:
  ///   - values: As long on every rank; this rank's share is set.
  ///   - shares: The elements that each rank knows.
  package func gather<Element: BitwiseCopyable>(
    _ values: inout [Element], shares: [Range<Int>]
  ) {
    guard count > 1 else { return }
    values.withUnsafeMutableBytes { bytes in
      let size = MemoryLayout<Element>.stride
      func part(_ rank: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
          rebasing: bytes[shares[rank].lowerBound * size..<shares[rank].upperBound * size])
      }
      exchange(
        others.map { Outgoing(rank: $0, bytes: UnsafeRawBufferPointer(part(rank))) },
        others.map { Incoming(rank: $0, bytes: part($0)) })
    }
  }

  /// What every rank knows, in the order of the ranks.
  package func gathered<Element: BitwiseCopyable>(_ value: Element) -> [Element] {
    var values = [Element](repeating: value, count: count)
    gather(&values, shares: (0..<count).map { $0..<$0 + 1 })
    return values
  }

  /// What all ranks have computed of their shares, [elements · size].
  ///
  /// - Parameters:
  ///   - own: What this rank has computed of its share.
  ///   - size: The numbers of an element.
  package func gathered<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ own: [Number], shares: [Range<Int>], size: Int = 1
  ) -> [Number] {
    guard count > 1 else { return own }
    let scaled = shares.map { $0.lowerBound * size..<$0.upperBound * size }
    precondition(own.count == scaled[rank].count, "\(own.count) numbers for \(scaled[rank])")
    var values = [Number](repeating: 0, count: scaled.last?.upperBound ?? 0)
    values.replaceSubrange(scaled[rank], with: own)
    gather(&values, shares: scaled)
    return values
  }

  /// The bytes that the first rank has, on all of them.
  ///
  /// - Parameter own: What the first rank has; nil on the others.
  package func bytesOfFirst(_ own: [UInt8]?) -> [UInt8] {
    guard count > 1 else { return own ?? [] }
    let length = gathered(own?.count ?? 0)[0]
    var bytes = own ?? [UInt8](repeating: 0, count: length)
    gather(&bytes, shares: [0..<length] + [Range<Int>](repeating: 0..<0, count: count - 1))
    return bytes
  }

  /// Sends each rank its range of several arrays, and takes this rank's range of theirs.
  ///
  /// - Parameters:
  ///   - arrays: Those of this rank, each as long as the slices together.
  ///   - slices: The range of each rank.
  ///   - rows: Where the arrays of each rank go in `received`, in units of this rank's slice.
  func transpose(
    _ arrays: [[Float]], slices: [Range<Int>], into received: inout [Float], rows: [Range<Int>]
  ) {
    let size = slices[rank].count
    received.withUnsafeMutableBufferPointer { received in
      let incoming = others.flatMap { other in
        rows[other].map { row in
          Incoming(
            rank: other,
            bytes: UnsafeMutableRawBufferPointer(
              UnsafeMutableBufferPointer(rebasing: received[row * size..<(row + 1) * size])))
        }
      }
      withBuffers(of: arrays) { arrays in
        let outgoing = others.flatMap { other in
          arrays.map {
            Outgoing(
              rank: other,
              bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[slices[other]])))
          }
        }
        exchange(outgoing, incoming)
      }
    }
  }
}
