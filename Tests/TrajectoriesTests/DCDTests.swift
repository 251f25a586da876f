import Foundation
import Testing
import Trajectories

/// Reads what mdtraj and MDAnalysis wrote, and refuses what is damaged.
struct DCDTests {
  private static let golden = file("Tests/Golden/dcd")
  private static let names = [
    "mdtraj.dcd", "mdtraj-box.dcd", "mdanalysis.dcd", "big-endian.dcd", "big-endian-box.dcd",
  ]

  private struct Values: Decodable {
    let coordinates: [Float]
    let times: [String: [Double]]
  }

  let folder: TemporaryFolder
  private let values: Values

  init() throws {
    folder = try TemporaryFolder()
    values = try JSONDecoder().decode(
      Values.self, from: Data(contentsOf: URL(filePath: "\(Self.golden)/values.json")))
  }

  @Test(arguments: names)
  func `files of other programs are read bit by bit`(name: String) throws {
    let found = try readTrajectory(path: "\(Self.golden)/\(name)", expectedAtoms: 4)
    #expect(found.trajectory.atoms == 4 && found.trajectory.frames == 3)
    #expect(found.trajectory.coordinates == values.coordinates.map { Double($0) / 10 })
    let isBoxed = name.contains("box") || name == "mdanalysis.dcd"
    #expect(found.notes == (isBoxed ? ["has a periodic box, which is left out"] : []))
    let times = try #require(values.times[name])
    for (time, expected) in zip(found.trajectory.times, times) {
      #expect(abs(time - expected) <= 1e-6 * max(1, expected))
    }
    let part = try readTrajectory(path: "\(Self.golden)/\(name)", frames: 1..<2)
    #expect(part.trajectory[0] == found.trajectory[1])
    #expect(part.trajectory.times == [found.trajectory.times[1]])
  }

  private func failure(_ bytes: [UInt8], atoms: Int? = nil) throws -> TrajectoryError? {
    let path = try folder.write(bytes, "file.dcd")
    return #expect(throws: TrajectoryError.self) {
      _ = try readTrajectory(path: path, expectedAtoms: atoms)
    }
  }

  @Test(arguments: names)
  func `a file that ends anywhere too early is refused`(name: String) throws {
    let whole = try bytes("\(Self.golden)/\(name)")
    for count in stride(from: 8, to: whole.count, by: 7) {
      _ = try failure(Array(whole.prefix(count)))
    }
    let path = folder.file("file.dcd")
    #expect(
      try failure(whole.dropLast())
        == .truncatedFrames(path: path, expected: 3, found: 2, size: whole.count - 1))
  }

  @Test func `what a header says is checked`() throws {
    let whole = try bytes("\(Self.golden)/mdtraj.dcd")
    let path = folder.file("file.dcd")
    #expect(try failure(whole, atoms: 5) == .atomCount(path: path, expected: 5, found: 4))
    // The number of frames stands at byte 8, that of fixed atoms at byte 40.
    var changed = whole
    changed[8] = 0
    #expect(try failure(changed) == .uncountedFrames(path: path, counted: 0, found: 3))
    changed[8] = 2
    let found = try readTrajectory(path: folder.write(changed, "file.dcd"))
    #expect(found.trajectory.frames == 2)
    #expect(found.notes.first?.hasPrefix("holds 1 more frames") == true)
    changed = whole
    changed[40] = 1
    #expect(try failure(changed)?.description.contains("1 atoms are fixed") == true)
    // The length before the last record, and the one behind it.
    for place in [whole.count - 24, whole.count - 4] {
      changed = whole
      changed[place] = 17
      guard case .badHeader? = try failure(changed) else {
        Issue.record("byte \(place)")
        continue
      }
    }
  }

  @Test func `a broken coordinate is named by its frame and atom, or kept as NaN`() throws {
    var changed = try bytes("\(Self.golden)/mdtraj.dcd")
    // z of the last atom of the last frame.
    changed.replaceSubrange(changed.count - 8..<changed.count - 4, with: [0, 0, 0xC0, 0x7F])
    let error = try failure(changed)
    #expect(
      error
        == .badCoordinate(path: folder.file("file.dcd"), frame: 2, atom: 3, found: "nan"))
    let kept = try readTrajectory(path: folder.file("file.dcd"), keepingBroken: true).trajectory
    #expect(kept.coordinates.count { $0.isNaN } == 1)
  }

  @Test func `what is written is read again, rounded as a file rounds it`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.dcd")
    let coordinates: [Double] = (0..<60).map { 0.1 * Double($0) - 2.7 }
    let trajectory = Trajectory(atoms: 4, coordinates: coordinates)
    try writeDCDTrajectory(trajectory, path: path, title: String(repeating: "t", count: 200))
    let (found, notes) = try readTrajectory(path: path, expectedAtoms: 4)
    #expect(notes.isEmpty)
    #expect(found.coordinates == trajectory.roundedToFile().trajectory.coordinates)
    #expect(zip(found.times, found.times.dropFirst()).allSatisfy { abs($1 - $0 - 1) < 1e-5 })
    let broken = Trajectory(atoms: 1, coordinates: [0, .infinity, 0])
    #expect(throws: TrajectoryError.self) {
      try writeDCDTrajectory(broken, path: path, title: "")
    }
  }
}
