import Boltzmann
import Foundation
import TestSupport
import Testing
import Trajectories

/// Trainings with a single trajectory, and trajectories of other forms.
@Suite struct OneTrajectoryTests {
  private let tiny: TinyRun
  private let output: URL

  init() throws {
    tiny = try TinyRun.shared()
    output = try temporaryFolder().appending(path: "run")
  }

  private func train(_ system: URL, _ training: URL) throws -> Outcome {
    try Child(
      ["train", system.path, "--training", training.path, "--output", output.path]
        + TinyRun.settings
    ).outcome()
  }

  @Test func `without a reference the last fifth of the frames is held out`() throws {
    let training = try temporaryFolder().appending(path: "mine.nc")
    try FileManager.default.copyItem(at: tiny.training, to: training)
    let outcome = try train(try alanineSystem(), training)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "there is no reference: the last 60 of 300 frames of \(training.path) are held out"))
    #expect(outcome.errors.contains("warning: \(training.path): 300 frames are worth about "))
    #expect(outcome.output.contains("64 samples against 60 reference frames"))
    let record = try MoleculeRecord.read(path: output.path + "/config.resolved.yaml")
    #expect(record.heldOut == HeldOutFrames(ofFrames: 300))
    let text = try String(
      contentsOf: output.appending(path: "config.resolved.yaml"), encoding: .utf8)
    #expect(text.contains("held_out:\n  first_frame: 240\n  frames_of_trajectory: 300\n"))
    let held = try readTrajectory(path: output.path + "/reference.nc").trajectory
    let frames = try readTrajectory(path: training.path).trajectory
    #expect(held == frames.selected(240..<300))
    let facts = try tarflowMol("inspect", output.path).output
    #expect(facts.contains("frames 240 to 299"))
    // The run needs the trajectory no more.
    try FileManager.default.removeItem(at: training)
    let moved = try temporaryFolder().appending(path: "moved")
    try FileManager.default.moveItem(at: output, to: moved)
    #expect(try tarflowMol("evaluate", moved.path).output == outcome.output)
    #expect(try tarflowMol("report", moved.path).status == 0)
    let resumed = try tarflowMol("train", "--resume", moved.path)
    #expect(resumed.status == 66)
    #expect(resumed.errors.contains("mine.nc had "))
  }

  @Test func `a run that was stopped goes on with the same frames held out`() throws {
    let whole = try train(try alanineSystem(), tiny.training)
    let other = try temporaryFolder().appending(path: "run")
    let stopped = try Child(
      [
        "train", try alanineSystem().path, "--training", tiny.training.path, "--output", other.path,
        "--max-hours", "0.0000001",
      ] + TinyRun.settings
    ).outcome()
    #expect(stopped.status == 75, "\(stopped.errors)")
    let resumed = try tarflowMol("train", "--resume", other.path)
    #expect(resumed.output == whole.output)
    #expect(try other.bytes("samples.nc") == output.bytes("samples.nc"))
  }

  @Test func `a DCD is enough`() throws {
    let dcd = try temporaryFolder().appending(path: "mine.dcd")
    try writeDCDTrajectory(try alanineFrames(0..<300), path: dcd.path, title: "mine")
    let outcome = try train(try alanineSystem(), dcd)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("64 samples against 60 reference frames"))
  }

  @Test(arguments: [
    (Data([0, 0, 7, 0xCB, 0, 0]), "XTC", "mdconvert FILE.trr -o FILE.nc"),
    (Data([0, 0, 7, 0xC9, 0, 0]), "TRR", "mdconvert FILE.trr -o FILE.nc"),
    (
      Data(
        "ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n".utf8),
      "PDB", "rounded to 0.001 Å"
    ),
    (
      Data("a title\n   1.234   5.678  -9.012   3.456\n   1.000   2.000   3.000\n".utf8),
      "text form", "cpptraj"
    ),
  ])
  func `other forms are refused with the reason and the way out`(
    bytes: Data, name: String, advice: String
  ) throws {
    let file = try temporaryFolder().appending(path: "x")
    try bytes.write(to: file)
    let outcome = try train(try alanineSystem(), file)
    #expect(outcome.status == 65)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(name) && outcome.errors.contains(advice), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func `no message names a README that is not there`() throws {
    let system = try alanineSystem()
    let outcome = try tarflowMol("train", system.path)
    #expect(outcome.status == 66)
    #expect(!outcome.errors.contains("README"))
    try Data("mine".utf8).write(to: system.appending(path: "README.md"))
    #expect(try tarflowMol("train", system.path).errors.contains("\(system.path)/README.md"))
  }
}
