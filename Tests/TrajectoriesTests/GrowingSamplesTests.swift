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

  private func write(_ path: String, _ append: (GrowingSamples) throws -> Void) throws {
    let samples = try GrowingSamples(
      creating: path, reportedAs: "x", atoms: 2, first: 40, programVersion: "3", title: "t")
    try append(samples)
    #expect(samples.frames == 7)
    try samples.finish()
  }

  @Test func `blocks are, byte for byte, what is written at once`() throws {
    let (whole, grown) = (folder.file("whole.nc"), folder.file("grown.nc"))
    try write(whole) { try $0.append(all) }
    try write(grown) { samples in
      try samples.append(part(0..<3))
      try samples.append(storedCoordinates(of: NetCDFFile(path: whole), frames: 3..<5))
      try samples.append(part(5..<7))
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: grown))
        == Data(contentsOf: URL(fileURLWithPath: whole)))
  }

  /// mdtraj, MDAnalysis and ParmEd read it: `Tests/Golden/export/check_export.py`.
  @Test func `samples have an index and no time`() throws {
    let path = folder.file("samples.nc")
    try write(path) { try $0.append(all) }
    let file = try NetCDFFile(path: path)
    #expect(file.variable("time") == nil)
    #expect(try file.doubles("sample").values == [40, 41, 42, 43, 44, 45, 46])
    #expect(file.text("units", of: "sample") == nil)
    #expect(file.text("long_name", of: "sample")?.hasPrefix("index of the independent") == true)
    let (found, notes) = try readAmberTrajectory(path: path)
    #expect(notes.isEmpty && found.coordinates == all.coordinates)
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
