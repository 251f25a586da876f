import Testing
import Trajectories

struct AmberRestartWriterTests {
  @Test func `what is written is read`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("start.ncrst")
    let positions: [SIMD3<Double>] = [SIMD3(0.1, -0.2, 1 / 3), SIMD3(12.34567890123, 0, -1e-9)]
    try writeAmberRestart(positions, path: path, programVersion: "2", title: "A-B")
    let found = try readAmberRestart(path: path, expectedAtoms: 2)
    for (a, b) in zip(found, positions) {
      for axis in 0..<3 { #expect(abs(a[axis] - b[axis]) <= b[axis].ulp * 2) }
    }
    let info = try inspectAmberTrajectory(path: path)
    #expect(info.conventions == "AMBERRESTART")
    #expect(info.title == "A-B" && info.programVersion == "2")
  }

  @Test func `a position that is no number is not written`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("start.ncrst")
    #expect(throws: TrajectoryError.self) {
      try writeAmberRestart([SIMD3(0, .nan, 0)], path: path)
    }
  }
}
