import CKernels
import Foundation
import Testing

@testable import Kernels

/// The lanes' own functions against the C library's, in the code for every kind of CPU that this
/// one can run.
struct LaneFunctionTests {
  private static let targets: [ck_lane_target] =
    [ck_lanes_avx512, ck_lanes_avx2, ck_lanes_baseline].filter {
      $0.rawValue >= ck_lanes_choice().rawValue
    }

  private func expectClose(
    _ function: ck_lane_function, _ arguments: [Double], ulps: Double, absolute: Double = 0,
    _ reference: (Double) -> Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let padded = arguments + [Double](repeating: arguments[0], count: (8 - arguments.count % 8) % 8)
    for target in Self.targets {
      var found = [Double](repeating: 0, count: padded.count)
      ck_lanes_apply(target, function, padded.count, padded, &found)
      var worst = (excess: 0.0, argument: 0.0)
      for (argument, value) in zip(padded, found) {
        let expected = reference(argument)
        let allowed = ulps * 0x1p-53 * abs(expected) + absolute
        let excess = value == expected ? 0 : abs(value - expected) / allowed
        if !(excess <= worst.excess) { worst = (excess, argument) }
      }
      #expect(
        worst.excess <= 1,
        "\(target): off by \(worst.excess) of what is allowed at \(worst.argument)",
        sourceLocation: sourceLocation)
    }
  }

  /// Numbers from `lower` to `upper`, evenly spaced by their value, or by their logarithm.
  private func numbers(_ lower: Double, _ upper: Double, logarithmic: Bool = false) -> [Double] {
    (0..<20_000).map { index in
      let share = (Double(index) + 0.37) / 20_000
      return logarithmic ? lower * pow(upper / lower, share) : lower + share * (upper - lower)
    }
  }

  @Test func `exp and log`() {
    expectClose(ck_lane_exp, numbers(-700, 700) + numbers(-1, 1) + [0], ulps: 3, exp)
    expectClose(
      ck_lane_log, numbers(1e-150, 1e150, logarithmic: true) + numbers(0.5, 2) + [1], ulps: 6, log)
    // Beyond its range exp keeps the value at the end, and NaN stays NaN.
    var found = [Double](repeating: 0, count: 8)
    ck_lanes_apply(
      ck_lanes_best, ck_lane_exp, 8, [-1e9, -.infinity, .nan, 1e9, .infinity, 0, -0.0, 1], &found)
    #expect(found[0] == found[1] && found[0] < 1e-300 && found[0] > 0)
    #expect(found[2].isNaN && found[3] == found[4] && found[3] > 1e300)
    #expect(found[5] == 1 && found[6] == 1)
  }

  @Test func `tanh of positive numbers`() {
    expectClose(
      ck_lane_tanh, numbers(0, 1) + numbers(0, 50) + [0, 1e300], ulps: 0, absolute: 5e-16, tanh)
  }

  @Test func `reciprocal and inverse root`() {
    let all = numbers(1e-60, 1e60, logarithmic: true) + numbers(0.5, 4)
    expectClose(ck_lane_inverse_sqrt, all, ulps: 4) { 1 / $0.squareRoot() }
    expectClose(ck_lane_inverse_sqrt, [0], ulps: 0) { _ in .infinity }
    expectClose(ck_lane_reciprocal, all + all.map(-), ulps: 3) { 1 / $0 }
  }

  @Test func `arc cosine`() {
    expectClose(
      ck_lane_arccos, numbers(-1, 1) + [-1, 0, 1, 0.5, -0.5, 0.9238795325112867], ulps: 3,
      absolute: 1e-16
    ) { atan2(((1 - $0) * (1 + $0)).squareRoot(), $0) }
  }

  @Test func `cosine and sine of turns`() {
    let turns = numbers(0, 1) + [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]
    // The library rounds 2πx, an error of 2π · 2⁻⁵³.
    expectClose(ck_lane_cos_turn, turns, ulps: 2, absolute: 9e-16) { cos(2 * .pi * $0) }
    expectClose(ck_lane_sin_turn, turns, ulps: 2, absolute: 9e-16) { sin(2 * .pi * $0) }
    expectClose(ck_lane_cos_turn, [0, 0.25, 0.5, 0.75, 1], ulps: 0, absolute: 1e-300) {
      [0: 1, 0.25: 0, 0.5: -1, 0.75: 0, 1: 1][$0] ?? .nan
    }
  }
}

/// The random numbers of the lanes against the counter-based generator that they are made from.
struct LaneNoiseTests {
  private func noise(seed: UInt64, step: UInt64, firstChain: UInt32, coordinates: Int) -> [Double] {
    var settings = ck_langevin(
      time_step: 0, friction: 0, seed: seed, stream: RandomStream.dynamics.rawValue,
      first_walker: firstChain)
    var found = [Double](repeating: 0, count: coordinates * 8)
    ck_lanes_normal(&settings, step, Int32(coordinates), &found)
    return found
  }

  @Test func `each number is Box and Muller's of one block of Philox`() {
    let (seed, step): (UInt64, UInt64) = (0x1234_5678_9abc_def0, 0x2_0000_0007)
    let found = noise(seed: seed, step: step, firstChain: 16, coordinates: 5)
    for pair in 0..<3 {
      for lane in 0..<8 {
        // The step's upper half shares a word with the pair.
        let block = philox(
          SIMD4(
            UInt32(pair) | 2 << 16, RandomStream.dynamics.rawValue, 7, 16 + UInt32(lane)),
          key: SIMD2(0x9abc_def0, 0x1234_5678))
        func uniform(_ high: UInt32, _ low: UInt32) -> Double {
          Double((UInt64(high) << 32 | UInt64(low)) >> 12) * 0x1p-52
        }
        let radius = (-2 * log(1 - uniform(block.x, block.y))).squareRoot()
        let angle = 2 * Double.pi * uniform(block.z, block.w)
        for (offset, expected) in [radius * cos(angle), radius * sin(angle)].enumerated() {
          guard 2 * pair + offset < 5 else { continue }
          #expect(abs(found[(2 * pair + offset) * 8 + lane] - expected) < 1e-14)
        }
      }
    }
  }

  @Test func `the numbers are normal and differ with step, chain and seed`() {
    var all: [Double] = []
    for step in 0..<200 as Range<UInt64> {
      all += noise(seed: 1, step: step, firstChain: 0, coordinates: 63)
    }
    let count = Double(all.count)
    let moments = (1...4).map { power in
      all.reduce(0) { $0 + pow($1, Double(power)) } / count
    }
    // Their variances are 1, 2, 15 and 96 over the count.
    for (moment, (expected, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - expected) < 4.5 * (variance / count).squareRoot(), "\(moments)")
    }
    #expect(Set(all).count == all.count)
    let first = noise(seed: 1, step: 0, firstChain: 0, coordinates: 6)
    #expect(first != noise(seed: 2, step: 0, firstChain: 0, coordinates: 6))
    let next = noise(seed: 1, step: 0, firstChain: 8, coordinates: 6)
    #expect(Set(first).isDisjoint(with: next))
  }
}
