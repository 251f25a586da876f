import CNetCDF
import Foundation
import TensorFiles
import Testing
import Trajectories

struct AmberWriterTests {
  let folder: TemporaryFolder
  /// Positions that are exact as float32 ångström.
  let trajectory = Trajectory(
    atoms: 2, coordinates: (0..<18).map { Double(Float($0) * 0.37 - 2) / 10 }, times: [0, 2, 5.5])

  init() throws { folder = try TemporaryFolder() }

  @Test func `what was written is read back unchanged`() throws {
    let path = folder.file("ours.nc")
    try writeAmberTrajectory(trajectory, path: path)
    let (found, notes) = try readAmberTrajectory(path: path, expectedAtoms: 2)
    #expect(found == trajectory)
    #expect(notes == [])
    #expect(try folder.names == ["ours.nc"])
  }

  @Test func `a second round trip of MD frames changes no bit`() throws {
    let first = try readAmberTrajectory(
      path: file("systems/AL3/reference.nc"), frames: 0..<200
    ).trajectory
    try writeAmberTrajectory(first, path: folder.file("ours.nc"))
    #expect(try readAmberTrajectory(path: folder.file("ours.nc")).trajectory == first)
  }

  @Test func `a rounded trajectory is what comes back from the file`() throws {
    var generator = SystemRandomNumberGenerator()
    let path = folder.file("ours.nc")
    var raw = Trajectory(
      atoms: 3, coordinates: (0..<900).map { _ in .random(in: -20...20, using: &generator) },
      times: (0..<100).map { 0.1 * Double($0) })
    let (rounded, isWritable) = raw.roundedToFile()
    #expect(isWritable.allSatisfy { $0 })
    for trajectory in [raw, rounded] {
      try writeAmberTrajectory(trajectory, path: path)
      #expect(try readAmberTrajectory(path: path).trajectory == rounded)
    }
    #expect(rounded.roundedToFile().trajectory == rounded)
    #expect(rounded != raw)
    (raw.coordinates[9], raw.coordinates[20], raw.coordinates[899]) = (.nan, -.infinity, 1e38)
    let exploded = raw.roundedToFile()
    #expect(exploded.isWritable.indices.filter { !exploded.isWritable[$0] } == [1, 2, 99])
    for (index, value) in exploded.trajectory.coordinates.enumerated() {
      #expect(value == ([9, 20, 899].contains(index) ? 0 : rounded.coordinates[index]))
    }
  }

  @Test func `the file follows the convention to the letter`() throws {
    let path = folder.file("ours.nc")
    try writeAmberTrajectory(
      trajectory, path: path, program: "tarflow-mol", programVersion: "2.1",
      title: String(repeating: "a", count: 78) + "éa", forces: trajectory.coordinates)
    let start = try bytes(path).prefix(8)
    #expect(Array(start) == [0x43, 0x44, 0x46, 2, 0, 0, 0, 3])
    let file = try NetCDFFile(path: path)
    #expect(file.dimensions.map(\.name) == ["frame", "spatial", "atom"])
    #expect(file.dimensions.map(\.length) == [3, 3, 2])
    #expect(file.dimensions.map(\.isUnlimited) == [true, false, false])
    let info = try inspectAmberTrajectory(path: path)
    #expect(
      info.variables == [
        .init(name: "spatial", type: "char", shape: [3], units: nil),
        .init(name: "time", type: "float", shape: [3], units: "picosecond"),
        .init(name: "coordinates", type: "float", shape: [3, 2, 3], units: "angstrom"),
        .init(
          name: "forces", type: "float", shape: [3, 2, 3], units: "kilocalorie/mole/angstrom"),
      ])
    #expect(file.text("Conventions") == "AMBER")
    #expect(file.text("ConventionVersion") == "1.0")
    #expect(file.text("program") == "tarflow-mol")
    #expect(file.text("programVersion") == "2.1")
    #expect(file.text("title") == String(repeating: "a", count: 78) + "é")
    #expect(!info.hasBox)
  }

  @Test func `forces are written as kilocalorie per mole and ångström`() throws {
    // 4.184 kJ/mol over 0.1 nm.
    let forces = [Double](repeating: 41.84, count: 17) + [.nan]
    try writeAmberTrajectory(trajectory, path: folder.file("ours.nc"), forces: forces)
    let found = try NetCDFFile(path: folder.file("ours.nc")).doubles("forces")
    #expect(found.shape == [3, 2, 3])
    #expect(found.values.dropLast() == [Double](repeating: 1, count: 17)[...])
    #expect(found.values[17].isNaN)
  }

  @Test(arguments: [Double.nan, .infinity, 1e38])
  func `a coordinate that float32 ångström cannot hold is refused`(value: Double) throws {
    var trajectory = trajectory
    trajectory.coordinates[9] = value
    let path = folder.file("ours.nc")
    #expect(
      throws: TrajectoryError.badCoordinate(path: path, frame: 1, atom: 1, found: "\(value)")
    ) {
      try writeAmberTrajectory(trajectory, path: path)
    }
    #expect(try folder.names == [])
  }

  @Test func `a file that cannot be written leaves the old one alone`() throws {
    let path = try folder.write("old".utf8, "ours.nc")
    var broken = trajectory
    broken.coordinates[0] = .nan
    #expect(throws: TrajectoryError.self) { try writeAmberTrajectory(broken, path: path) }
    #expect(try bytes(path) == Array("old".utf8))
    try writeAmberTrajectory(trajectory, path: path)
    #expect(try readAmberTrajectory(path: path).trajectory == trajectory)
  }

  @Test func `a place where no file can be is named`() throws {
    let missing = folder.file("missing/ours.nc")
    #expect(
      throws: TrajectoryError.file(
        .unwritable(path: missing, reason: "No such file or directory"))
    ) {
      try writeAmberTrajectory(trajectory, path: missing)
    }
    for path in [folder.path, "/dev/null"] {
      #expect(
        throws: TrajectoryError.file(
          .unwritable(path: path, reason: "there is something else than a file of that name"))
      ) {
        try writeAmberTrajectory(trajectory, path: path)
      }
    }
  }

  @Test(arguments: ["a b ü.nc", "http:x#y.nc", "[log]file.nc", #"back\slash.nc"#])
  func `odd names are names`(name: String) throws {
    try writeAmberTrajectory(trajectory, path: folder.file(name))
    #expect(try folder.names == [name])
    #expect(try readAmberTrajectory(path: folder.file(name)).trajectory == trajectory)
  }

  @Test func `a link is written through`() throws {
    let target = try folder.write([], "target.nc")
    let link = folder.file("link.nc")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    try writeAmberTrajectory(trajectory, path: link)
    #expect(try readAmberTrajectory(path: target).trajectory == trajectory)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
  }
}
