import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Runs

/// The way to begin and to go on with one command line, as a script that is submitted again does.
struct ResumeIfPresentOption: ParsableArguments {
  @Flag(
    help: """
      Begin the run of --output, or continue it if it is there; its system and settings have to be \
      those of the command line.
      """)
  var resumeIfPresent = false

  func check(beside options: RunOptions) throws {
    guard resumeIfPresent else { return }
    if options.resume != nil { throw ValidationError("--resume or --resume-if-present, not both") }
    if options.output == nil {
      throw ValidationError("--resume-if-present needs --output, the folder of the run")
    }
  }

  /// The run of --output, if it is there and is to go on.
  func begunRun(_ options: RunOptions) -> String? {
    guard resumeIfPresent, let run = options.output, hasBegun(run) else { return nil }
    return run
  }

  /// Makes the options those of a run that goes on.
  ///
  /// - Parameters:
  ///   - layers: The settings of the command line.
  ///   - configuration: Those of the run.
  ///   - difference: What else makes it another run than that of the command line.
  /// - Throws: `RunError.configuration` when it is another one.
  func resume(
    _ run: String, in options: inout RunOptions, layers: [ConfigurationLayer],
    begun configuration: some LayeredConfiguration, difference: RunDifference? = nil
  ) throws {
    if let difference {
      let option = difference.option.map { "leave \($0) out, or " } ?? ""
      throw RunError.configuration(
        source: run, problem: "\(difference.text); \(option)choose another --output")
    }
    if let (key, now, then) = try changedSetting(
      try resolveConfiguration(configuration, layers: layers), by: layers, from: configuration)
    {
      throw RunError.configuration(
        source: run,
        problem: "\(key) is \(then), but the command line says \(now); leave it out, or choose "
          + "another --output")
    }
    (options.resume, options.output) = (run, nil)
  }
}

/// The first setting, by its key, that some layers give and that is not what a run began with, with
/// both values; nil where there is none.
///
/// A run records which precision `auto` was on its machine, so `auto` is that of any run. A run that
/// was given more steps or a longer time since is still that of the command line that began it.
///
/// - Parameters:
///   - wanted: What the layers, perhaps with others, lead to.
///   - begun: What the run began with.
func changedSetting<Configuration: LayeredConfiguration>(
  _ wanted: Configuration, by layers: [ConfigurationLayer], from begun: Configuration
) throws -> (key: String, now: String, then: String)? {
  let precision = "training.precision"
  let isAutomatic =
    layers.last { $0.sets(precision) }?.word(precision) == Precision.auto.rawValue
  var others = Configuration.settings.map(\.key).filter { key in
    (isAutomatic && key == precision) || !layers.contains { $0.sets(key) }
  }
  let text = try RecordedSettings(begun, besides: []).text
  while let found = try RecordedSettings(wanted, besides: others).difference(from: text) {
    guard ["training.steps", "time_ps"].contains(found.key), let now = Double(found.now),
      let then = Double(found.then), then > now
    else { return found }
    others.append(found.key)
  }
  return nil
}

/// In what a run is another one than that of the command line.
struct RunDifference {
  /// In words, with the run as their subject.
  let text: String
  /// The option without which the command line would be of the run: where files may have changed since
  /// the run began.
  var option: String?
}
