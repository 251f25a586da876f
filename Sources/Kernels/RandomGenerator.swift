import Foundation

/// Which use of randomness a generator serves; different streams never share numbers.
///
/// The raw values enter every number that is drawn: they stay as they are, and a new stream takes
/// one that none has had (6 is taken).
package enum RandomStream: UInt32, Sendable {
  case initialization = 1
  case shuffling = 2
  case augmentation = 3
  case validation = 4
  case sampling = 5
  case testing = 7
  case labelDrop = 8
  case dynamics = 9
  case velocities = 10
  case exchange = 11
  case proposals = 12
  case perturbation = 13
  case building = 14
  case annealing = 15
  case resampling = 16
  case jumps = 17
  case jumpProposals = 18
}

/// A counter-based generator: Philox 4×32-10 keyed by the seed, counting (draw, stream, step,
/// index).
///
/// The numbers depend on the key alone, not on how many were drawn elsewhere, so results do not
/// depend on the number of workers or on restarts. `RandomGeneratorTests` compares Philox with the
/// known answers of Random123. Of an index up to 2⁵⁶ the bits above 32 stand beside the stream.
/// - SeeAlso: Salmon et al. 2011, *Parallel random numbers: as easy as 1, 2, 3*.
package struct RandomGenerator: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  private var left = 0
  private var spareNormal: Double?

  package init(seed: UInt64, stream: RandomStream, step: Int = 0, index: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    // A stream takes eight bits.
    let high = UInt32(truncatingIfNeeded: index >> 32) << 8
    counter = SIMD4(
      0, stream.rawValue | high, UInt32(truncatingIfNeeded: step),
      UInt32(truncatingIfNeeded: index))
  }

  package mutating func next() -> UInt64 { UInt64(word()) << 32 | UInt64(word()) }

  /// A uniform number in [0, 1) with 53 random bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number, by the polar form of Box and Muller's method.
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spareNormal = y * factor
      return x * factor
    }
  }

  private mutating func word() -> UInt32 {
    if left == 0 {
      block = philox(counter, key: key)
      counter.x &+= 1
      left = 4
    }
    left -= 1
    return block[3 - left]
  }
}

/// Ten rounds of Philox 4×32.
func philox(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var c = counter
  var k = key
  for _ in 0..<10 {
    let first = UInt64(0xD251_1F53) * UInt64(c.x)
    let second = UInt64(0xCD9E_8D57) * UInt64(c.z)
    c = SIMD4(
      UInt32(truncatingIfNeeded: second >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: second),
      UInt32(truncatingIfNeeded: first >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: first))
    k = SIMD2(k.x &+ 0x9E37_79B9, k.y &+ 0xBB67_AE85)
  }
  return c
}
