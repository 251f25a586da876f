import ArgumentParser
import Foundation
import Kernels
import Runs

/// The options of everything that fills a folder and can be resumed.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Settings in YAML, over the system's defaults.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "One setting; wins over --config. A dot stands between a group and its setting.",
      valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "The folder to write; by default the first free of runs/NAME, runs/NAME-2, ….",
      valueName: "folder"))
  var output: String?

  @Option(help: "The seed of all randomness; wins over the configuration.")
  var seed: UInt64?

  @OptionGroup var limit: TimeLimit

  @Option(
    help: ArgumentHelp("Continue a run where its newest checkpoint stopped.", valueName: "run"))
  var resume: String?

  /// The settings of --config, --set and --seed, the later winning.
  /// - Throws: `RunError`.
  func layers() throws -> [ConfigurationLayer] {
    let file = try config.flatMap { try ConfigurationLayer(file: $0) }
    let seed = try seed.map {
      try ConfigurationLayer(setting: "seed=\($0)", source: "--seed \($0)")
    }
    return try [file].compactMap { $0 }
      + set.map { try ConfigurationLayer(setting: $0, source: "--set \($0)") }
      + [seed].compactMap { $0 }
  }

  /// Checks that a new run has somewhere to go: --output is absent or an empty folder.
  /// - Throws: `RunError.exists`.
  func checkOutput() throws {
    guard let output, !isFreeFolder(output) else { return }
    throw RunError.exists(
      path: output,
      advice: RunFolder.isRun(output)
        ? "continue it with --resume \(output), or choose another --output"
        : "choose another --output")
  }

  /// The folder of a new run.
  func newFolder(_ name: String) -> String { output ?? freePath("runs/\(name)") }
}

/// How long a command may take before it stops with a checkpoint.
struct TimeLimit: ParsableArguments {
  @Option(
    help: ArgumentHelp("Stop after this time with a checkpoint (exit code 75).", valueName: "hours")
  )
  var maxHours: Double?

  func validate() throws {
    try check("--max-hours", maxHours, .hours)
  }

  /// Why a command that began at `start` is to stop: a signal, or the time that --max-hours gives it.
  func stopReason(
    _ interruption: Interruption, from start: Date = Date()
  ) -> @Sendable () -> String? {
    let deadline = maxHours.map { start.addingTimeInterval($0 * 3_600) }
    return {
      interruption.isRequested
        ? "a signal" : deadline.flatMap { Date() > $0 ? "the time limit" : nil }
    }
  }
}

/// The arithmetic of a training.
struct PrecisionOption: ParsableArguments {
  @Option(
    help: """
      The arithmetic of the training's large products: auto, fp32 or bf16 (auto: bf16 where the \
      CPU has AMX or AVX-512 BF16).
      """)
  var precision: Precision?

  /// The setting that it is; empty when it is not given.
  /// - Throws: `RunError`.
  func layers() throws -> [ConfigurationLayer] {
    guard let precision else { return [] }
    return [
      try ConfigurationLayer(
        setting: "training.precision=\(precision.rawValue)",
        source: "--precision \(precision.rawValue)")
    ]
  }
}
