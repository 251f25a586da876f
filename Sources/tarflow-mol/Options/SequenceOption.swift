import ArgumentParser
import Boltzmann
import Molecules
import Runs

/// A sequence in place of a system; the system is built into the folder that the command fills.
struct SequenceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Build the system from a sequence, such as Ace-AEK-Nme, into the folder: see build.",
      valueName: "sequence"))
  var sequence: String?

  @OptionGroup var building: BuildOptions

  /// Checks that there is a system or a sequence, and building options for the latter alone.
  func check(beside system: String?) throws {
    if sequence != nil, let system {
      throw ValidationError(
        "name a system or a --sequence, not both: '\(system)' is taken for a system; if it belongs to "
          + "the option before it, there is no such option here")
    }
    if sequence == nil, building.isGiven {
      throw ValidationError(
        "--force-field, --solvent, --radii, --salt, --disulfide and --cis belong to --sequence")
    }
  }

  /// In what a run's system is another one than the sequence builds, in words; nil if in nothing, or
  /// without a sequence.
  ///
  /// - Parameter temperature: K; nil for that of the run.
  /// - Throws: What building throws.
  func difference(from system: MolecularSystem, temperature: Double?) throws -> String? {
    guard let sequence else { return nil }
    var settings = try building.settings(PeptideSequence(sequence))
    settings.temperature = temperature ?? system.description.temperature
    return try settings.difference(of: system).map {
      "is no run of what --sequence \(sequence) builds: \($0)"
    }
  }

  /// Builds the system into the folder of a run that begins, which becomes its --output.
  ///
  /// - Parameters:
  ///   - ending: What follows the sequence in the folder's default name.
  /// - Returns: The system's folder, and what it was built of; nil without a sequence.
  /// - Throws: `RunError.exists`, and what building throws.
  func build(
    into options: inout RunOptions, ending: String = "", temperature: Double? = nil
  ) throws -> (system: String, settings: BuildSettings)? {
    guard let sequence else { return nil }
    try options.checkOutput()
    var settings = try building.settings(PeptideSequence(sequence))
    if let temperature { settings.temperature = temperature }
    let folder = options.newFolder(settings.name + ending)
    options.output = folder
    let system = "\(folder)/\(builtSystem)"
    _ = try buildSystem(settings, in: system, version: programVersion)
    return (system, settings)
  }
}
