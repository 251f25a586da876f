import ArgumentParser
import Foundation
import Kernels

/// The options of every training.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Settings in YAML, over the system's defaults.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "One setting, such as training.steps=500; wins over --config.", valueName: "key=value"))
  private var changes: [String] = []

  @Option(help: ArgumentHelp("The run folder; runs/NAME by default.", valueName: "folder"))
  var output: String?

  @Option(help: "The seed of all randomness; wins over the configuration.")
  private var seed: UInt64?

  @Option(
    help:
      "The arithmetic of the training's large products: auto, fp32 or bf16 (auto: bf16 where the CPU has AMX or AVX-512 BF16)."
  )
  private var precision: Precision?

  @Option(
    help: ArgumentHelp("Stop after this time with a checkpoint (exit code 75).", valueName: "hours")
  )
  private var maxHours: Double?

  @Option(
    help: ArgumentHelp("Continue a run where its newest checkpoint stopped.", valueName: "run"))
  var resume: String?

  func validate() throws {
    if let maxHours, !(maxHours > 0) {
      throw ValidationError("--max-hours is \(maxHours), expected above 0")
    }
    if resume != nil, config != nil || !settings.isEmpty || output != nil {
      throw ValidationError("--resume takes everything from the run; leave the other settings out")
    }
  }

  /// The settings on the command line, as key=value.
  var settings: [String] {
    changes + (seed.map { ["seed=\($0)"] } ?? [])
      + (precision.map { ["training.precision=\($0.rawValue)"] } ?? [])
  }

  /// When a training that began at `start` stops with a checkpoint.
  func deadline(from start: Date) -> Date? { maxHours.map { start.addingTimeInterval($0 * 3_600) } }
}
