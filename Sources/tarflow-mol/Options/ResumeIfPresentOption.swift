import ArgumentParser
import Boltzmann
import Foundation
import Runs

/// The way to begin and to go on with one command line, as a script that is submitted again does.
struct ResumeIfPresentOption: ParsableArguments {
  @Flag(
    help: """
      Begin the run of --output, or continue it if it is there; its settings have to be those of \
      the command line.
      """)
  var resumeIfPresent = false

  func check(beside options: RunOptions) throws {
    guard resumeIfPresent else { return }
    if options.resume != nil { throw ValidationError("--resume or --resume-if-present, not both") }
    if options.output == nil {
      throw ValidationError("--resume-if-present needs --output, the folder of the run")
    }
  }

  /// Makes the options those of a run that goes on, if the run of --output is there.
  ///
  /// - Parameters:
  ///   - layers: The settings of the command line.
  ///   - system: The name of the system of the command line; nil where it names none.
  ///   - begun: What the run that is there says of itself.
  /// - Throws: `RunError.configuration` when it is another run than that of the command line.
  func apply<Configuration: LayeredConfiguration>(
    to options: inout RunOptions, layers: [ConfigurationLayer], system: String?,
    begun: (_ run: String) throws -> (configuration: Configuration, system: String)
  ) throws {
    guard resumeIfPresent, let run = options.output, hasBegun(run) else { return }
    let (configuration, name) = try begun(run)
    if let system, system != name {
      throw RunError.configuration(
        source: run, problem: "is a run of \(name), not of \(system); choose another --output")
    }
    let wanted = try resolveConfiguration(configuration, layers: layers)
    let settings = try TrainedSettings(wanted, besides: [])
    if let (key, now, then) = settings.difference(
      from: try TrainedSettings(configuration, besides: []).text)
    {
      throw RunError.configuration(
        source: run,
        problem: "\(key) is \(then), but the command line says \(now); leave it out, or choose "
          + "another --output")
    }
    (options.resume, options.output) = (run, nil)
  }
}
