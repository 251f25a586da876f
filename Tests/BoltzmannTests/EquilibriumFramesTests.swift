import Boltzmann
import Foundation
import Runs
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@Suite struct TemperatureCheckTests {
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
}
