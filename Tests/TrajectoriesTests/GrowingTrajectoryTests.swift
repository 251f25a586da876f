import Foundation
import TensorFiles
import TestSupport
import Testing
import Trajectories

struct GrowingTrajectoryTests {
  private func frames(_ range: Range<Int>) -> [Double] {
    range.flatMap { frame in (0..<6).map { 0.1 * Double(frame) + 0.01 * Double($0) } }
  }

  private func append(_ file: GrowingTrajectory, _ range: Range<Int>) throws {
    try file.append(
      frames(range), times: range.map { 0.5 * Double($0) }, chains: range.map { Int32($0 % 2) })
  }

  @Test func `frames are added, read in between, and written over after a restart`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/growing.nc"
      do {
        let file = try GrowingTrajectory(
          creating: path, atoms: 2, programVersion: "1", title: "two")
        try append(file, 0..<3)
        try append(file, 3..<4)
        try file.flush()
        #expect(file.frames == 4)
        #expect(try readAmberTrajectory(path: path).trajectory.frames == 4)
        // Not flushed: as after a crash.
        try append(file, 4..<9)
      }
      do {
        let file = try GrowingTrajectory(reopening: path, atoms: 2, frames: 4)
        try append(file, 4..<6)
        try append(file, 6..<10)
        try file.flush()
      }
      let (trajectory, notes) = try readAmberTrajectory(path: path, expectedAtoms: 2)
      #expect(notes.isEmpty && trajectory.frames == 10)
      expectClose(trajectory.coordinates, frames(0..<10), absolute: 1e-7)
      #expect(trajectory.times == (0..<10).map { 0.5 * Double($0) })
      #expect(try NetCDFFile(path: path).doubles("chain").values == (0..<10).map { Double($0 % 2) })
    }
  }

  @Test(arguments: ["../victim.nc", "../none.nc"])
  func `a link that leads out of its folder is not followed`(target: String) throws {
    try withTemporaryFolder { folder in
      let (place, victim) = (folder + "/run", folder + "/victim.nc")
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      do {
        let file = try GrowingTrajectory(
          creating: victim, atoms: 2, programVersion: "1", title: "mine")
        try append(file, 0..<3)
        try file.flush()
      }
      let kept = try readBytes(path: victim)
      let path = place + "/growing.nc"
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
      for reopens in [false, true] {
        let error = #expect(throws: TrajectoryError.self) {
          _ =
            reopens
            ? try GrowingTrajectory(reopening: path, atoms: 2, frames: 1)
            : try GrowingTrajectory(creating: path, atoms: 2, programVersion: "1", title: "")
        }
        let found = try #require(error)
        #expect("\(found)".contains("symbolic link that leads "))
      }
      #expect(try readBytes(path: victim) == kept)
      #expect(!FileManager.default.fileExists(atPath: folder + "/none.nc"))
    }
  }

  @Test func `temperatures are in temp0, as AMBER writes them`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/growing.nc"
      for range in [0..<2, 2..<5] {
        let file =
          range.lowerBound == 0
          ? try GrowingTrajectory(
            creating: path, atoms: 2, hasTemperatures: true, programVersion: "1", title: "")
          : try GrowingTrajectory(reopening: path, atoms: 2, frames: 2)
        try file.append(
          frames(range), times: range.map(Double.init), chains: range.map { Int32($0) },
          temperatures: range.map { 300 + 10 * Double($0) })
        try file.flush()
      }
      let file = try NetCDFFile(path: path)
      let variable = try #require(file.variable("temp0"))
      #expect(variable.shape == [5] && variable.typeName == "double")
      #expect(file.text("units", of: "temp0") == "kelvin")
      #expect(try readAmberTemperatures(path: path) == [300, 310, 320, 330, 340])
      #expect(try readAmberTrajectory(path: path).trajectory.frames == 5)
    }
  }

  @Test func `a file that is too short or of another molecule is refused`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/growing.nc"
      do {
        let file = try GrowingTrajectory(creating: path, atoms: 2, programVersion: "1", title: "")
        try append(file, 0..<3)
      }
      #expect(throws: TrajectoryError.self) {
        _ = try GrowingTrajectory(reopening: path, atoms: 2, frames: 4)
      }
      #expect(throws: TrajectoryError.atomCount(path: path, expected: 3, found: 2)) {
        _ = try GrowingTrajectory(reopening: path, atoms: 3, frames: 1)
      }
      let file = try GrowingTrajectory(reopening: path, atoms: 2, frames: 3)
      #expect(throws: TrajectoryError.badCoordinate(path: path, frame: 3, atom: 1, found: "nan")) {
        try file.append([0, 0, 0, 0, .nan, 0], times: [2], chains: [0])
      }
    }
  }
}
