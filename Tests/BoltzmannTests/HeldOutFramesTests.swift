import Boltzmann
import Foundation
import Kernels
import TestSupport
import Testing
import Trajectories

/// Which frames are held out, and how much frames are alike.
@Suite struct HeldOutFramesTests {
  @Test(arguments: [(2, 1), (4, 3), (10, 8), (300, 240), (100_001, 80_001)])
  func `the last fifth is held out, and no frame is on both sides`(count: Int, first: Int) throws {
    let frames = try #require(HeldOutFrames(ofFrames: count))
    #expect(frames.first == first && frames.end == count)
    let compared = frames.compared
    #expect(compared.first == first && compared.count == min(count - first, 10_000))
    #expect(zip(compared, compared.dropFirst()).allSatisfy { $0 < $1 })
    #expect(compared.allSatisfy { (first..<count).contains($0) })
  }

  @Test func `a single frame cannot be divided`() {
    #expect(HeldOutFrames(ofFrames: 1) == nil && HeldOutFrames(ofFrames: 0) == nil)
  }

  /// Frames of AL3's reference are independent.
  ///
  /// With each of them k times in a row the correlation
  /// falls linearly, 1 − t/k, so that g = 1 + 2 Σ (1 − t/k) = k.
  @Test func `frames that stand four times in a row are worth a fourth`() throws {
    let molecule = try system("AL3")
    let single = try alanineFrames(0..<400)
    let repeated = single.selected((0..<1_600).map { $0 / 4 })
    let alone = FrameCorrelation(single, of: molecule, execution: Execution(workers: 2))
    let four = FrameCorrelation(repeated, of: molecule, execution: Execution(workers: 2))
    #expect(alone.frames == 400 && four.frames == 1_600)
    #expect(alone.energy < 1.5, "\(alone.energy)")
    // The sum stops at the first pair of lags that noise makes negative: some tenths more or less.
    #expect(abs(four.energy - 4) < 1.5, "\(four.energy)")
    let slowest = try #require(four.slowest)
    #expect(slowest.inefficiency > 3 && slowest.name.contains("–"))
    #expect(four.areFew && four.effectiveFrames < 500)
    #expect(four.text.hasPrefix("1600 frames are worth about "))
  }

  @Test func `of every second frame, independent ones are a bound and not few`() throws {
    let single = try alanineFrames(0..<4_000)
    var generator = RandomGenerator(seed: 2, stream: .shuffling)
    let many = single.selected((0..<24_000).map { $0 % 4_000 }.shuffled(using: &generator))
    let found = FrameCorrelation(many, of: try system("AL3"), execution: Execution(workers: 2))
    // g of the frames that are looked at is about 1.
    #expect((2..<3).contains(found.energy), "\(found.energy)")
    #expect(!found.areFew && found.effectiveFrames <= 12_000)
    #expect(found.text.hasPrefix("24000 frames are worth at least "), "\(found.text)")
    #expect(found.text.contains("energy is at most 1."), "\(found.text)")
  }

  @Test func `chains that take turns in a file are told apart`() throws {
    let molecule = try system("AL3")
    // Two chains, each of which stands still for eight frames: alternating, they look like noise.
    let (a, b) = (try alanineFrames(0..<100), try alanineFrames(100..<200))
    let width = 3 * 33
    let coordinates = (0..<800).flatMap { time in
      [a, b].flatMap { $0.coordinates[time / 8 * width..<(time / 8 + 1) * width] }
    }
    let both = Trajectory(atoms: 33, coordinates: coordinates)
    let found = FrameCorrelation(
      both, chains: (0..<1_600).map { $0 % 2 }, of: molecule, execution: Execution(workers: 2))
    #expect(found.energy > 5, "\(found.energy)")
    // In a file that was shuffled the times say their order.
    var generator = RandomGenerator(seed: 1, stream: .shuffling)
    let order = (0..<1_600).shuffled(using: &generator)
    let named = Trajectory(
      atoms: 33, coordinates: coordinates, times: (0..<1_600).map { Double($0 / 2) },
      chains: (0..<1_600).map { $0 % 2 })
    let shuffled = named.selected(order)
    let again = FrameCorrelation(
      shuffled, chains: shuffled.chains, of: molecule, execution: Execution(workers: 2))
    expectClose([again.energy], [found.energy], relative: 1e-9)
  }
}
