import Foundation
import Testing
import Trajectories

struct GrowingSamplesTests {
  let folder: TemporaryFolder
  /// Positions that are exact as float32 ångström.
  let all = Trajectory(atoms: 2, coordinates: (0..<42).map { Double(Float($0) * 0.37 - 2) / 10 })

  init() throws { folder = try TemporaryFolder() }

  private func part(_ frames: Range<Int>) -> Trajectory {
    Trajectory(
      atoms: 2, coordinates: Array(all.coordinates[6 * frames.lowerBound..<6 * frames.upperBound]))
  }

  @Test func `blocks are, byte for byte, what is written at once`() throws {
    let (whole, grown) = (folder.file("whole.nc"), folder.file("grown.nc"))
    try writeAmberTrajectory(all, path: whole, programVersion: "3", title: "t", firstSample: 40)
    let samples = try GrowingSamples(
      creating: grown, reportedAs: "x", atoms: 2, first: 40, programVersion: "3", title: "t")
    try samples.append(part(0..<3))
    let stored = try storedCoordinates(of: NetCDFFile(path: whole), frames: 3..<5)
    try samples.append(stored)
    try samples.append(part(5..<7))
    #expect(samples.frames == 7)
    try samples.finish()
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: grown))
        == Data(contentsOf: URL(fileURLWithPath: whole)))
  }

  @Test func `a coordinate that no file can hold names its frame and the path that people know`()
    throws
  {
    let samples = try GrowingSamples(
      creating: folder.file("hidden"), reportedAs: "samples.nc", atoms: 2, first: 0,
      programVersion: "1", title: "")
    try samples.append(part(0..<2))
    var bad = part(0..<1)
    bad.coordinates[4] = .nan
    #expect(
      throws: TrajectoryError.badCoordinate(path: "samples.nc", frame: 2, atom: 1, found: "nan")
    ) { try samples.append(bad) }
  }
}
