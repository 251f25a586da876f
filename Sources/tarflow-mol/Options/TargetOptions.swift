import ArgumentParser
import Boltzmann

/// Another energy or temperature, for which proposals are weighed.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weigh for this system of the same molecule: its name, folder or system.yaml.",
      valueName: "system"))
  var to: String?

  @Option(help: ArgumentHelp("Weigh for this temperature.", valueName: "K"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      "Frames of the new target in equilibrium: a trajectory or a simulation.", valueName: "file.nc"
    ))
  var frames: String?

  @Option(
    help: ArgumentHelp(
      "Frames of the old one; the run's or the system's reference by default.",
      valueName: "file.nc"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "The system that folders of samples are of; of a run, in place of its own.",
      valueName: "system"))
  var system: String?

  @Option(
    help: ArgumentHelp(
      "The table of new weights; by default beside the old one, weights.NAME.csv.",
      valueName: "file.csv"))
  var output: String?

  var isGiven: Bool { to != nil || temperature != nil }
  var hasMore: Bool { [frames, reference, output].contains { $0 != nil } }

  func validate() throws {
    try check("--temperature", temperature, MolecularSystem.temperatures)
  }

  /// Where the new weights of each source go.
  func tables(beside sources: [AnalysisSource], target: MolecularSystem) -> [String] {
    sources.enumerated().map { index, source in
      guard let output else { return source.table(for: target) }
      return sources.count == 1 ? output : "\(output).\(index + 1)"
    }
  }
}
