import Foundation
import TestSupport
import Testing
import Trajectories

/// `simulate --split`.
@Suite struct ChainFilesTests {
  private func simulate(_ output: URL, _ more: String...) throws -> Outcome {
    try Child(
      [
        "simulate", "AL2", "--systems", systemsFolder.path, "--time", "0.5ps", "--equilibration",
        "0.1ps", "--chains", "3", "--temperatures", "300,400", "--save-every", "0.1ps",
        "--timestep", "2fs", "--set", "frames_of_every_rung=true", "--output", output.path,
      ] + more
    ).outcome()
  }

  @Test func `each chain has a file of its own, in order of time`() throws {
    let folder = try temporaryFolder().appending(path: "md")
    let outcome = try simulate(folder, "--split")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for name in ["trajectory", "trajectory.rung2"] {
      let whole = try readTrajectory(path: "\(folder.path)/\(name).nc").trajectory
      for chain in 0..<3 {
        let path = "\(folder.path)/\(name).chain\(chain + 1).nc"
        let (own, notes) = try readTrajectory(path: path, expectedAtoms: 22)
        #expect(notes.isEmpty)
        #expect(own == whole.selected((0..<5).map { 3 * $0 + chain }))
        expectClose(own.times, (1...5).map { 0.1 * Double($0) }, absolute: 1e-6, "times")
        let file = try NetCDFFile(path: path)
        #expect(try file.doubles("chain").values == [Double](repeating: Double(chain), count: 5))
        let kelvin = name == "trajectory" ? 300.0 : 400
        #expect(try file.doubles("temp0").values == [Double](repeating: kelvin, count: 5))
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.hasSuffix(".partial") })
  }

  @Test func `a simulation that is complete can be split later`() throws {
    let folder = try temporaryFolder().appending(path: "md")
    #expect(try simulate(folder).status == 0)
    let first = folder.appending(path: "trajectory.chain1.nc")
    #expect(!FileManager.default.fileExists(atPath: first.path))
    let again = try tarflowMol("simulate", "--resume", folder.path, "--split")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try readTrajectory(path: first.path).trajectory.frames == 5)
  }
}
