import Evaluation
import Testing

/// Which frames stand for all of a trajectory.
@Suite struct FrameSubsetsTests {
  @Test func `the stride takes an even subset`() {
    #expect(stridedIndices(count: 10, points: 4) == [0, 2, 5, 7])
    #expect(stridedIndices(count: 4, points: 4) == [0, 1, 2, 3])
    #expect(stridedIndices(count: 3, points: 4) == [0, 1, 2])
  }

  @Test func `a stratified subset has one frame of each stretch`() {
    #expect(stratifiedIndices(count: 4, points: 4) == [0, 1, 2, 3])
    #expect(stratifiedIndices(count: 3, points: 4) == [0, 1, 2])
    for (count, points) in [(40_000, 10_000), (10_001, 10_000), (57, 13)] {
      let frames = stratifiedIndices(count: count, points: points)
      #expect(frames.count == points)
      for (i, frame) in frames.enumerated() {
        #expect((i * count / points..<(i + 1) * count / points).contains(frame))
      }
    }
  }

  @Test(arguments: [2, 4, 8, 10]) func `chains that take turns have equal shares`(chains: Int) {
    let frames = stratifiedIndices(count: 40_000, points: 10_000)
    let shares = Dictionary(grouping: frames) { $0 % chains }.mapValues(\.count)
    #expect(shares.count == chains)
    #expect(shares.values.allSatisfy { abs($0 - 10_000 / chains) < 20 }, "\(shares)")
    // A fixed stride of four sees every frame of some chains, and none of others.
    let strided = stridedIndices(count: 40_000, points: 10_000)
    #expect(Set(strided.map { $0 % 8 }) == [0, 4])
  }
}
