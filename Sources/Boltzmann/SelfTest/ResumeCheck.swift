import Foundation
import Trajectories

/// A training that is killed and resumed, by a program of its own processes.
struct ResumeCheck {
  /// The program itself.
  let program: String
  /// A system with frames to train on.
  let systemFolder: String
  /// A folder that is there and empty.
  let folder: String
  let workers: Int

  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// What a run leaves that depends on nothing but its inputs, settings and seed.
  static let results = [
    "checkpoints/best.safetensors", "samples.nc", "weights.csv", "evaluation.json",
  ]

  /// A training of a second or two, with checkpoints between its validations.
  private static let settings = [
    "flow.width=32", "flow.layers=1", "flow.components=3", "training.steps=40",
    "training.batch=16", "training.warm_up=10", "training.validate_every=2",
    "training.checkpoint_every=3", "sampling.count=64", "evaluation.torus_points=32",
  ]

  /// How many of the files differ between a run that was killed and resumed and one that was not.
  /// - Throws: ``Problem``, or what making the files throws.
  func deviation() throws -> Double {
    let frames = try readAmberTrajectory(
      path: try MolecularSystem(folder: systemFolder).trainingPath, frames: 0..<300
    ).trajectory
    let (training, reference) = ("\(folder)/training.nc", "\(folder)/reference.nc")
    try writeAmberTrajectory(frames.selected(0..<200), path: training)
    try writeAmberTrajectory(frames.selected(200..<300), path: reference)
    func run(_ name: String, rows: Int? = nil) throws -> String {
      let path = "\(folder)/\(name)"
      try start(
        [
          "train", systemFolder, "--training", training, "--reference", reference, "--output", path,
        ] + Self.settings.flatMap { ["--set", $0] }, killedAt: rows.map { (path, $0) })
      return path
    }
    let whole = try run("whole")
    let killed = try run("killed", rows: 2)
    try start(["train", "--resume", killed], killedAt: nil)
    return try differingFiles(Self.results, whole, killed)
  }

  /// Runs the program to its end, or kills it once `metrics.csv` of a run has so many rows.
  private func start(_ arguments: [String], killedAt point: (run: String, rows: Int)?) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments + ["--quiet", "--threads", "\(workers)"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let messages = "\(folder)/messages"
    try Data().write(to: URL(fileURLWithPath: messages))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
    try process.run()
    if let point {
      while process.isRunning, rows(of: "\(point.run)/metrics.csv") < point.rows { usleep(1_000) }
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
    let wasKilled = process.terminationReason == .uncaughtSignal
    if point != nil, wasKilled { return }
    guard point == nil, !wasKilled, process.terminationStatus == 0 else {
      let text = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
      let last = text.split(separator: "\n").last.map { ": \($0)" } ?? ""
      throw Problem(
        description: "the training ended by itself (\(process.terminationStatus))\(last)")
    }
  }

  /// The rows of a table after its header.
  private func rows(of table: String) -> Int {
    let text = (try? String(contentsOfFile: table, encoding: .utf8)) ?? ""
    return max(0, text.utf8.count { $0 == 0x0A } - 1)
  }
}

/// How many files of two folders differ in a byte.
/// - Throws: What reading throws.
func differingFiles(_ names: [String], _ a: String, _ b: String) throws -> Double {
  Double(
    try names.count { name in
      let bytes = try [a, b].map { try Data(contentsOf: URL(fileURLWithPath: "\($0)/\(name)")) }
      return bytes[0] != bytes[1]
    })
}
