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
    if sequence != nil, system != nil {
      throw ValidationError("name a system or a --sequence, not both")
    }
    if sequence == nil, building.isGiven {
      throw ValidationError(
        "--force-field, --solvent, --radii, --salt, --disulfide and --cis belong to --sequence")
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
    let folder = options.newFolder(settings.sequence.text + ending)
    options.output = folder
    let system = "\(folder)/\(builtSystem)"
    _ = try buildSystem(settings, in: system, version: programVersion)
    return (system, settings)
  }
}
