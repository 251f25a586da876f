/// The permuted congruential generator PCG XSL RR 128/64, seeded and read as NumPy's `default_rng`
/// is.
///
/// Evaluation draws few numbers and in one thread, so a sequential generator will do; taking
/// NumPy's makes every figure repeatable, draw by draw, with an independent script.
///
/// - SeeAlso: O'Neill 2014, *PCG: A Family of Simple Fast Space-Efficient Statistically Good
///   Algorithms for Random Number Generation*; NumPy's *SeedSequence*.
package struct PCG64: Equatable, Sendable {
  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

  private var state: UInt128
  private let increment: UInt128
  /// The upper half of the last word that was split in two.
  private var spare: UInt32?

  /// The generator that `numpy.random.default_rng(seed)` gives.
  package init(seed: UInt64) {
    let words = seedWords(seed)
    increment = (UInt128(words[2]) << 65) | (UInt128(words[3]) << 1) | 1
    state = increment
    state &+= (UInt128(words[0]) << 64) | UInt128(words[1])
    advance()
  }

  private mutating func advance() { state = state &* Self.multiplier &+ increment }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    advance()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let turn = UInt64(truncatingIfNeeded: state >> 122)
    return (folded >> turn) | (folded << ((64 - turn) & 63))
  }

  /// A number from 0 to 1, 1 excluded, with 53 random bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An index below `count`, each equally likely.
  ///
  /// - Precondition: `count` lies in 1 … 2³² − 1.
  /// - SeeAlso: Lemire 2019, *Fast Random Integer Generation in an Interval*.
  package mutating func index(below count: Int) -> Int {
    precondition((1...Int(UInt32.max)).contains(count), "index below \(count)")
    guard count > 1 else { return 0 }
    let bound = UInt64(count)
    var product = UInt64(half()) * bound
    if UInt64(UInt32(truncatingIfNeeded: product)) < bound {
      let rejected = ((UInt64(1) << 32) - bound) % bound
      while UInt64(UInt32(truncatingIfNeeded: product)) < rejected {
        product = UInt64(half()) * bound
      }
    }
    return Int(product >> 32)
  }

  private mutating func half() -> UInt32 {
    if let upper = spare {
      spare = nil
      return upper
    }
    let word = next()
    spare = UInt32(truncatingIfNeeded: word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }
}

/// Four words of well-mixed bits from a seed: a pool of four 32-bit words, each hashed into every
/// other.
private func seedWords(_ seed: UInt64) -> [UInt64] {
  var constant: UInt32 = 0x43B0_D7E5
  func hashed(_ word: UInt32, times multiplier: UInt32) -> UInt32 {
    var result = word ^ constant
    constant = constant &* multiplier
    result = result &* constant
    return result ^ (result >> 16)
  }
  var pool = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), 0, 0]
  for index in pool.indices { pool[index] = hashed(pool[index], times: 0x931E_8875) }
  for source in pool.indices {
    for target in pool.indices where target != source {
      let word = hashed(pool[source], times: 0x931E_8875)
      let mixed = 0xCA01_F9DD &* pool[target] &- 0x4973_F715 &* word
      pool[target] = mixed ^ (mixed >> 16)
    }
  }
  constant = 0x8B51_F9DD
  let halves = (0..<8).map { hashed(pool[$0 % 4], times: 0x58F3_8DED) }
  return (0..<4).map { UInt64(halves[2 * $0]) | (UInt64(halves[2 * $0 + 1]) << 32) }
}
