import Boltzmann
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct EquilibriumFramesTests {
  @Test func `stated temperatures are to be one, within half a kelvin of the system's`() {
    func problem(_ stated: [Double]) -> String? {
      temperatureProblem(stated: stated, wanted: 310, path: "x.nc")
    }
    #expect(problem([]) == nil)
    #expect(problem([310]) == nil)
    #expect(problem([309.6, 310.4]) == nil)
    #expect(
      problem([310, 372.25, 446]) == "says that its system was at 310, 372.2, 446 K, but one "
        + "temperature, 310 K, is wanted; take its frames out of all replicas: cpptraj -p TOPOLOGY "
        + "-y x.nc -ya 'remdtraj remdtrajtemp 310' -x one.nc")
    #expect(
      problem([372]) == "says that its system was at 372 K, but the system's temperature is 310 K: "
        + "is this another replica's file, or is the system's temperature wrong?")
    #expect(problem([372, 446])?.contains("372, 446 K, but the system's temperature is") == true)
  }

  /// AL3 with another line in its description.
  private func altered(_ old: String, _ new: String, in folder: String) throws -> MolecularSystem {
    let original = systemsFolder.appending(path: "AL3")
    let text = try String(contentsOf: original.appending(path: "system.yaml"), encoding: .utf8)
    precondition(text.contains(old), "no '\(old)'")
    try Data(text.replacing(old, with: new).utf8).write(
      to: URL(fileURLWithPath: "\(folder)/system.yaml"))
    try? FileManager.default.copyItem(
      at: original.appending(path: "topology.prmtop"),
      to: URL(fileURLWithPath: "\(folder)/topology.prmtop"))
    return try MolecularSystem(folder: folder)
  }

  /// The messages of reading 500 frames of 310 K.
  private func messages(_ old: String, _ new: String, frames: Int = 500) throws -> [String] {
    try withTemporaryFolder { folder in
      let log = CapturedLog()
      let path = "\(folder)/x.nc"
      try writeAmberTrajectory(try alanineFrames(0..<frames), path: path)
      let molecule = try altered(old, new, in: folder)
      let read = try readEquilibriumFrames(
        path, of: molecule, execution: .serial, log: log.log)
      #expect(read.frames == frames)
      return log.messages.map { $0.replacing(path, with: "x.nc") }
    }
  }

  @Test func `frames of the system's temperature and energy pass without a word`() throws {
    #expect(try messages("310 ", "310 ").isEmpty)
    #expect(try messages("310 ", "310 ", frames: 40).isEmpty)
  }

  @Test(arguments: ["31", "100", "450", "3100"])
  func `frames of another temperature are refused`(kelvin: String) throws {
    let error = #expect(throws: RunError.self) { try messages("310 ", kelvin + " ") }
    let text = error?.description ?? ""
    #expect(text.contains("x.nc: judging by the forces along its 32 bonds, its frames are at 3"))
    #expect(text.contains("but the system's temperature is \(kelvin) K: was it simulated at that"))
  }

  @Test func `a difference of a few per cent is a warning`() throws {
    let found = try messages("310 ", "290 ", frames: 4_000)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("warning: x.nc: judging by the forces") == true, "\(found)")
  }

  @Test func `frames of a solvent that the energy lacks are a warning`() throws {
    let found = try messages("model: obc1", "model: none")
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix("warning: x.nc: the mean force that stretches bond ") == true,
      "\(found)")
  }

  /// What is said of AL3's frames, changed, in its system, changed.
  private func findings(
    frames: Int = 4_000, of molecule: MolecularSystem? = nil,
    _ change: (Trajectory) -> Trajectory = { $0 }
  ) throws -> [String] {
    equilibriumFindings(
      change(try alanineFrames(0..<frames)), of: try molecule ?? system("AL3"),
      execution: Execution(workers: 2)
    ).map {
      switch $0 {
      case .contradiction(let problem): "error: \(problem)"
      case .doubt(let problem): "warning: \(problem)"
      }
    }
  }

  private func changed(
    _ trajectory: Trajectory, _ change: (_ frame: Int, _ coordinate: Double, _ axis: Int) -> Double
  ) -> Trajectory {
    let width = 3 * trajectory.atoms
    return Trajectory(
      atoms: trajectory.atoms,
      coordinates: trajectory.coordinates.enumerated().map { change($0 / width, $1, $0 % 3) })
  }

  @Test func `right frames have no finding`() throws {
    #expect(try findings().isEmpty)
    #expect(try findings(frames: 300).isEmpty)
  }

  @Test func `frames of 310 K are no frames of 300 K`() throws {
    let found = try findings(of: try system("AL3").at(temperature: 300))
    #expect(found.count == 1)
    let text = found.first ?? ""
    #expect(text.hasPrefix("warning: judging by the forces along its 32 bonds, its frames are"))
    #expect(text.contains(" ± ") && text.contains(" K, but the system's temperature is 300 K: "))
  }

  @Test func `one solvent model is not the other`() throws {
    try withTemporaryFolder { folder in
      let other = try altered("model: obc1", "model: obc2", in: folder)
      let found = try findings(frames: 10_000, of: other)
      #expect(found.count == 1)
      #expect(found.first?.hasPrefix("warning: the mean force that stretches bond ") == true)
    }
  }

  @Test func `a topology without charges is not the one of the simulation`() throws {
    try withTemporaryFolder { folder in
      _ = try altered("310 ", "310 ", in: folder)
      let path = URL(fileURLWithPath: "\(folder)/topology.prmtop")
      var lines = try String(contentsOf: path, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
      let first = try #require(lines.firstIndex { $0.hasPrefix("%FLAG CHARGE") }) + 2
      let end = try #require(lines[first...].firstIndex { $0.hasPrefix("%FLAG") })
      for line in first..<end {
        lines[line] = String(
          repeating: "  0.00000000E+00", count: lines[line].count / 16)
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: path)
      let found = try findings(frames: 2_000, of: try MolecularSystem(folder: folder))
      #expect(
        found.first?.hasPrefix("error: judging by the torques about its 11 bonds that turn")
          == true,
        "\(found)")
    }
  }

  @Test func `bonds that are 2 % too long pull`() throws {
    let found = try findings(frames: 1_000) { changed($0) { _, value, _ in 1.02 * value } }
    #expect(
      found.contains { $0.hasPrefix("warning: the mean force that stretches bond ") }, "\(found)")
  }

  @Test func `rounded coordinates are found by their digits, and by the bonds they shake`() throws {
    let digits = try findings { changed($0) { _, value, _ in (value * 1_000).rounded() / 1_000 } }
    #expect(
      digits.first?.hasPrefix("warning: its coordinates are rounded to 0.01 Å, which adds 0.0")
        == true, "\(digits)")
    #expect(
      try findings(frames: 300) {
        changed($0) { _, value, _ in (value * 10_000).rounded() / 10_000 }
      }.isEmpty)
    // Moved after they were rounded.
    let shaken = try findings(frames: 10_000) {
      changed($0) { _, value, axis in
        (value * 1_000).rounded() / 1_000 + 0.000_37 * Double(axis + 1)
      }
    }
    #expect(
      shaken.first?.hasPrefix("warning: judging by the forces along its 32 bonds") == true,
      "\(shaken)")
  }

  @Test func `two frames four thousand times are two`() throws {
    let twice = try findings(frames: 2) { $0.selected((0..<8_000).map { $0 % 2 }) }
    #expect(
      twice == [
        "error: only 2 of its 8000 frames are distinct, where dynamics give 8000: were they "
          + "repeated, or drawn with weights? use every frame once"
      ])
    let some = try findings(frames: 500) { $0.selected((0..<750).map { $0 % 500 }) }
    #expect(some.first?.hasPrefix("warning: only 500 of its 750 frames are distinct") == true)
  }

  @Test func `mirror images are seen, all or some`() throws {
    let all = try findings(frames: 400) {
      changed($0) { _, value, axis in axis == 0 ? -value : value }
    }
    #expect(
      all == [
        "warning: in all 400 frames the stereocentre ALA1 CA (and 2 more) is the mirror image of "
          + "what the name ALA stands for: is the molecule mirrored?"
      ])
    let half = try findings(frames: 400) {
      changed($0) { frame, value, axis in axis == 0 && frame % 2 == 1 ? -value : value }
    }
    #expect(
      half.count == 1
        && half[0].hasPrefix(
          "warning: in 200 of its 400 frames the stereocentre ALA1 CA (and 2 more) ")
    )
    let one = try findings(frames: 400) {
      changed($0) { frame, value, axis in axis == 0 && frame == 7 ? -value : value }
    }
    #expect(one.first?.hasPrefix("warning: in 1 of its 400 frames the stereocentre") == true)
  }
}
