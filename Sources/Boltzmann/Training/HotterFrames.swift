import Foundation
import Kernels
import Logging
import Runs
import Trajectories

/// The trajectories of a simulation's hotter rungs beside that of the first: of `NAME.nc` those are
/// `NAME.rung2.nc`, `NAME.rung3.nc`, … (`simulate --set frames_of_every_rung=true`).
///
/// - Throws: `RunError.missing` when there is none.
func hotterTrajectories(beside path: String) throws -> [InputFile] {
  let stem = URL(fileURLWithPath: path).deletingPathExtension().path
  let paths = (2...).lazy.map { "\(stem).rung\($0).nc" }
    .prefix { FileManager.default.fileExists(atPath: $0) }
  let files = try paths.map { try InputFile(path: $0) }
  guard !files.isEmpty else {
    throw RunError.missing(
      what: "trajectory of the second rung", path: "\(stem).rung2.nc",
      advice: "frames_of_every_rung is true: simulate with --set frames_of_every_rung=true, or "
        + "leave it out")
  }
  return files
}

extension TrainingInputs {
  /// The frames of a hotter rung that are trained on: of the same time as those of the first rung.
  ///
  /// The file states one temperature for all frames, above those of the rungs before it, which they
  /// are in equilibrium at as far as ``readEquilibriumFrames(_:of:execution:log:)`` can tell.
  /// - Returns: The frames, and kT at their temperature, kJ/mol.
  /// - Throws: `RunError.badData` or `TrajectoryError`.
  func hotterFrames(
    _ file: InputFile, execution: Execution, log: Logger
  ) throws -> (frames: Trajectory, thermalEnergy: Double) {
    let cooler = (record.hotter ?? []).prefix { $0.path != file.path }.last
    let bound =
      try cooler.flatMap { try readAmberTemperatures(path: $0.path).last }
      ?? system.description.temperature
    let stated = try readAmberTemperatures(path: file.path)
    guard stated.count == 1, stated[0] > bound + 0.5 else {
      let found =
        stated.isEmpty
        ? "states no temperature" : "is at \(stated.map(kelvin).joined(separator: ", ")) K"
      throw RunError.badData(
        path: file.path,
        problem: "\(found), expected one above \(kelvin(bound)) K, that of the rung before; "
          + "simulate the rungs together, with --set frames_of_every_rung=true")
    }
    let rung = system.at(temperature: stated[0])
    let frames = try readEquilibriumFrames(file.path, of: rung, execution: execution, log: log)
    guard let heldOut = record.heldOut else { return (frames, rung.thermalEnergy) }
    try heldOut.checkCount(frames.frames, path: file.path)
    return (frames.selected(0..<heldOut.first), rung.thermalEnergy)
  }
}
