import TestSupport
import Testing

@testable import Trajectories

@Suite struct TrajectoryBlocksTests {
  @Test(arguments: [1, 3, 7, 8, 100])
  func `blocks together are the whole trajectory`(size: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/frames.nc"
      let written = Trajectory(
        atoms: 2, coordinates: (0..<7 * 6).map { Double($0) / 17 },
        times: (0..<7).map { Double($0) / 2 })
      try writeAmberTrajectory(written, path: path)
      let whole = try readTrajectory(path: path).trajectory
      var (coordinates, times, counts) = ([Double](), [Double](), [Int]())
      let notes = try readTrajectory(path: path, blocksOf: size, expectedAtoms: 2) { block in
        coordinates += block.coordinates
        times += block.times
        counts.append(block.frames)
      }
      #expect(notes.isEmpty)
      #expect(coordinates == whole.coordinates && times == whole.times)
      #expect(counts.dropLast().allSatisfy { $0 == size } && counts.reduce(0, +) == 7)
      #expect(throws: TrajectoryError.self) {
        try readTrajectory(path: path, blocksOf: size, expectedAtoms: 3) { _ in }
      }
    }
  }
}
