import Foundation
import TestSupport
import Trajectories

/// Trajectories and settings that make a training of a second.
struct TinyRun {
  /// 300 and 200 frames of AL3.
  let training: URL
  let reference: URL
  /// A run of it that is complete; to be copied, not changed.
  let complete: URL

  /// Made once, when the first test needs it.
  static func shared() throws -> TinyRun { try made.get() }

  private static let made = Result { try TinyRun() }

  private init() throws {
    let folder = try temporaryFolder()
    training = folder.appending(path: "train.nc")
    reference = folder.appending(path: "reference.nc")
    complete = folder.appending(path: "complete")
    try writeAmberTrajectory(try alanineFrames(0..<300), path: training.path)
    try writeAmberTrajectory(try alanineFrames(300..<500), path: reference.path)
    let outcome = try Child(arguments(output: complete)).outcome()
    guard outcome.status == 0 else { throw Failure(outcome: outcome) }
  }

  struct Failure: Error { let outcome: Outcome }

  /// The command line of a training; later settings win.
  func arguments(output: URL, training: URL? = nil, _ more: String...) -> [String] {
    [
      "train", "AL3", "--systems", systemsFolder.path, "--training",
      (training ?? self.training).path, "--reference", reference.path, "--output", output.path,
    ] + Self.settings + more
  }

  /// The settings of a training of a second.
  static let settings = [
    "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=6",
    "training.batch=32", "training.validate_every=3", "training.checkpoint_every=2",
    "sampling.count=64", "evaluation.torus_points=32",
  ].flatMap { ["--set", $0] }

  /// A copy of the complete run, to be changed.
  func copy() throws -> URL {
    let folder = try temporaryFolder().appending(path: "run")
    try FileManager.default.copyItem(at: complete, to: folder)
    return folder
  }
}

/// Frames of AL3's reference trajectory.
func alanineFrames(_ frames: Range<Int>) throws -> Trajectory {
  try readAmberTrajectory(
    path: systemsFolder.appending(path: "AL3/reference.nc").path, frames: frames
  ).trajectory
}

/// A trajectory in a file of its own.
func file(of trajectory: Trajectory) throws -> URL {
  let path = try temporaryFolder().appending(path: "x.nc")
  try writeAmberTrajectory(trajectory, path: path.path)
  return path
}

/// A copy of AL3's description and topology, without trajectories, to be changed.
func alanineSystem() throws -> URL {
  let folder = try temporaryFolder().appending(path: "AL3")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  for name in ["system.yaml", "topology.prmtop"] {
    try FileManager.default.copyItem(
      at: systemsFolder.appending(path: "AL3/\(name)"), to: folder.appending(path: name))
  }
  return folder
}

/// The same with the trajectories of the tiny run and recipes, by name.
func tinySystem(recipes: [String: String] = [:]) throws -> URL {
  let (folder, tiny) = (try alanineSystem(), try TinyRun.shared())
  let files = FileManager.default
  try files.copyItem(at: tiny.training, to: folder.appending(path: "train.nc"))
  try files.copyItem(at: tiny.reference, to: folder.appending(path: "reference.nc"))
  try files.createDirectory(
    at: folder.appending(path: "recipes"), withIntermediateDirectories: true)
  for (name, text) in recipes {
    try Data(text.utf8).write(to: folder.appending(path: "recipes/\(name).yaml"))
  }
  return folder
}

/// Replaces a text in a file.
func edit(_ file: URL, replacing old: String, with new: String) throws {
  let text = try String(contentsOf: file, encoding: .utf8)
  precondition(text.contains(old), "\(file.path) holds no '\(old)'")
  try Data(text.replacing(old, with: new).utf8).write(to: file)
}

extension URL {
  /// The bytes of a file in this folder, for comparison.
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: appending(path: name)) }
}
