import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct RandomGeneratorTests {
  @Test func `Philox gives the known answers of Random123`() {
    // kat_vectors of Random123 1.14, philox4x32 with 10 rounds.
    #expect(
      philox(SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      philox(SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      philox(
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func `draws are the words of consecutive blocks`() {
    var generator = RandomGenerator(
      seed: 0x1122_3344_5566_7788, stream: .sampling, step: 5, index: 9)
    let blocks = (0..<2).map {
      philox(
        SIMD4(UInt32($0), RandomStream.sampling.rawValue, 5, 9),
        key: SIMD2(0x5566_7788, 0x1122_3344))
    }
    for block in blocks {
      #expect(generator.next() == UInt64(block[0]) << 32 | UInt64(block[1]))
      #expect(generator.next() == UInt64(block[2]) << 32 | UInt64(block[3]))
    }
  }

  @Test func `uniform numbers have the moments of [0, 1)`() {
    var generator = RandomGenerator(seed: 1, stream: .testing)
    let count = 40_000
    let x = (0..<count).map { _ in generator.uniform() }
    #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
    // Five standard errors each: √(1/12), and √(4/45) of the cosine's square.
    let error = 5 / Double(count).squareRoot()
    expectClose([x.reduce(0, +) / Double(count)], [0.5], absolute: error * (1 / 12.0).squareRoot())
    let squares = x.reduce(0) { $0 + $1 * $1 } / Double(count)
    expectClose([squares], [1.0 / 3], absolute: error * (4 / 45.0).squareRoot())
  }

  @Test func `normal numbers have the moments of the standard normal`() {
    var generator = RandomGenerator(seed: 2, stream: .testing)
    let count = 40_000
    let x = (0..<count).map { _ in generator.normal() }
    let moments = (1...4).map { power in
      x.reduce(0) { $0 + pow($1, Double(power)) } / Double(count)
    }
    // The variances of x, x², x³, x⁴ are 1, 2, 15 and 96.
    for (moment, (expected, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - expected) < 5 * (variance / Double(count)).squareRoot())
    }
    let pairs = zip(x, x.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
    #expect(abs(pairs) < 5 / Double(count).squareRoot())
  }

  @Test func `seeds, streams, steps and indices give independent numbers`() {
    func draws(_ seed: UInt64, _ stream: RandomStream, _ step: Int, _ index: Int) -> [Double] {
      var generator = RandomGenerator(seed: seed, stream: stream, step: step, index: index)
      return (0..<4000).map { _ in generator.normal() }
    }
    let base = draws(3, .sampling, 0, 0)
    #expect(draws(3, .sampling, 0, 0) == base)
    let others = [
      draws(4, .sampling, 0, 0), draws(3 << 32, .sampling, 0, 0), draws(3, .shuffling, 0, 0),
      draws(3, .sampling, 1, 0), draws(3, .sampling, 0, 1), draws(3, .sampling, 0, 1 << 32),
      draws(3, .sampling, 0, 1 << 55), draws(3, .proposals, 0, 1 << 32),
    ]
    for other in others {
      #expect(Set(other).isDisjoint(with: base))
      #expect(abs(dot(base, other)) / 4000 < 5 / 4000.0.squareRoot())
    }
  }
}
