import Foundation
import TestSupport
import Testing

/// Runs and simulations that are moved, and whose system and trajectories are gone.
@Suite struct TravelTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  @Test func `a run that has moved needs nothing but its folder, and a reference to compare with`()
    throws
  {
    let system = try alanineSystem()
    let begun = try temporaryFolder().appending(path: "begun")
    let training = try temporaryFolder().appending(path: "frames.nc")
    try FileManager.default.copyItem(at: tiny.training, to: training)
    var arguments = tiny.arguments(output: begun, training: training)
    arguments[1] = system.path
    #expect(try Child(arguments).outcome().status == 0)
    let moved = try temporaryFolder().appending(path: "moved run")
    try FileManager.default.moveItem(at: begun, to: moved)
    try FileManager.default.removeItem(at: system)
    try FileManager.default.removeItem(at: training)
    let elsewhere = try temporaryFolder()
    for command in [
      ["sample", moved.path, "-n", "16", "--output", "drawn"], ["reweight", moved.path],
      ["evaluate", moved.path], ["export", moved.path], ["inspect", moved.path],
      ["analyze", moved.path],
    ] {
      let outcome = try Child(command, folder: elsewhere).outcome()
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
    // The weights are those of the run before it moved.
    #expect(
      try moved.bytes("samples.nc") == tiny.complete.bytes("samples.nc"))
  }

  @Test func `a simulation that has moved goes on`() throws {
    let system = try alanineSystem()
    try FileManager.default.copyItem(
      at: systemsFolder.appending(path: "AL3/start.ncrst"),
      to: system.appending(path: "start.ncrst"))
    let begun = try temporaryFolder().appending(path: "md")
    func arguments(_ output: URL, _ more: String...) -> [String] {
      [
        "simulate", system.path, "--time", "2ps", "--save-every", "0.1ps", "--chains", "2",
        "--output", output.path,
      ] + more
    }
    let whole = try temporaryFolder().appending(path: "whole")
    #expect(try Child(arguments(whole)).outcome().status == 0)
    #expect(try Child(arguments(begun, "--max-hours", "0.00001")).outcome().status == 75)
    let moved = try temporaryFolder().appending(path: "moved")
    try FileManager.default.moveItem(at: begun, to: moved)
    try FileManager.default.removeItem(at: system)
    let resumed = try Child(["simulate", "--resume", moved.path]).outcome()
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try moved.bytes("trajectory.nc") == whole.bytes("trajectory.nc"))
  }
}
