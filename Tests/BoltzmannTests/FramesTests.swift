import Boltzmann
import Foundation
import Reporting
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct FramesTests {
  private let molecule: MolecularSystem
  private let frame: Trajectory

  init() throws {
    molecule = try system("AL2")
    frame = try acetylFrame()
  }

  /// What is strange about a changed frame, alone or after the one that it was.
  private func problem(_ change: (inout [Double]) -> Void, inFirst: Bool = true) -> String? {
    var changed = frame.coordinates
    change(&changed)
    let coordinates = inFirst ? changed : frame.coordinates + changed
    return strangeBond(Trajectory(atoms: 22, coordinates: coordinates), of: molecule)
  }

  @Test func `a conformation of the molecule is not strange, stretched by 20 % neither`() {
    #expect(problem { _ in } == nil)
    #expect(problem { $0 = $0.map { 1.2 * $0 } } == nil)
    #expect(problem { $0 = $0.map { 0.8 * $0 } } == nil)
  }

  @Test func `the first bond that is strange is named with both lengths`() throws {
    let names = molecule.topology.atomNames
    let bond = try #require(molecule.prmtop.forceField.bonds.first)
    let (i, j) = (Int(bond.atoms.x), Int(bond.atoms.y))
    let length = (0..<3).reduce(0) { sum, axis in
      let d = frame.coordinates[3 * i + axis] - frame.coordinates[3 * j + axis]
      return sum + d * d
    }.squareRoot()
    #expect(
      problem { $0 = $0.map { 10 * $0 } }
        == "frame 0: bond \(names[i])–\(names[j]) (atoms \(i + 1), \(j + 1)) is "
        + "\((10 * length).fixed(4)) nm long, the topology says \(bond.length.fixed(4)); "
        + "ten times too long: check the unit, ångström is expected")
  }

  @Test func `the advice is what the ratio suggests`() {
    let (unit, box, order) = (
      "check the unit, ångström is expected", "does a periodic box cut the molecule?",
      "is this another molecule, or another order of its atoms?"
    )
    func expect(_ scale: Double, inFirst: Bool = true, _ advice: String) {
      let found = problem({ $0 = $0.map { scale * $0 } }, inFirst: inFirst)
      #expect(found?.contains(advice) == true, "\(scale): \(found ?? "nothing")")
    }
    expect(10, "ten times too long: " + unit)
    expect(0.1, "ten times too short: " + unit)
    expect(2, order)
    expect(0.5, order)
    expect(6, box)
    expect(100, box)
    // A unit is that of the whole file.
    expect(10, inFirst: false, box)
    expect(0.1, inFirst: false, order)
    let inSecond = problem({ $0 = $0.map { 2 * $0 } }, inFirst: false)
    #expect(inSecond?.hasPrefix("frame 1: bond ") == true)
  }

  @Test func `atoms in each other's place and a molecule cut by a box are seen`() throws {
    let names = molecule.topology.atomNames
    let carbon = try #require(names.firstIndex(of: "C"))
    let oxygen = try #require(names.firstIndex(of: "O"))
    let swapped = problem { coordinates in
      for axis in 0..<3 { coordinates.swapAt(3 * carbon + axis, 3 * oxygen + axis) }
    }
    #expect(swapped?.hasSuffix("another order of its atoms?") == true)
    let cut = problem { $0[3 * carbon] += 3 }
    #expect(cut?.hasSuffix("does a periodic box cut the molecule? make it whole first") == true)
  }

  @Test func `a file with a strange bond is refused, or read when that is asked for`() throws {
    try withTemporaryFolder { folder in
      let (path, log) = ("\(folder)/x.nc", CapturedLog().log)
      try writeAmberTrajectory(frame, path: path)
      let read = try readFrames(path, of: molecule, log: log)
      #expect(read.frames == 1)
      let long = Trajectory(atoms: 22, coordinates: frame.coordinates.map { 10 * $0 })
      try writeAmberTrajectory(long, path: path)
      let error = #expect(throws: RunError.self) { try readFrames(path, of: molecule, log: log) }
      #expect(error?.description.hasPrefix("\(path): frame 0: bond ") == true)
      #expect(try readConformations(path, of: molecule, log: log).frames == 1)
      #expect(throws: TrajectoryError.self) {
        try readFrames(path, of: try system("AL3"), log: log)
      }
    }
  }
}
