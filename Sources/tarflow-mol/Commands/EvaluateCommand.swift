import ArgumentParser
import Evaluation
import Foundation
import Logging
import Trajectories

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare weighted samples with a reference: E-W2, E-W1, T-W2, ESS, chirality.",
    discussion: """
      Works on a run folder, whose evaluation.json and histograms.csv it writes again, or on files: --samples, \
      --weights, --reference and --system.
      """)

  @Argument(help: ArgumentHelp("A run folder; not needed with files.", valueName: "run"))
  var runPath: String?

  @Option(help: ArgumentHelp("Proposals, AMBER NetCDF.", valueName: "file.nc"))
  var samples: String?

  @Option(
    help: ArgumentHelp("A table with the column log_q, a row a frame.", valueName: "file.csv"))
  var weights: String?

  @Option(
    help: ArgumentHelp("The reference trajectory; the run's by default.", valueName: "file.nc"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "system.yaml of the molecule, or a system's name or folder.", valueName: "system"))
  var system: String?

  @Option(help: "How the weighted samples are resampled: multinomial or systematic.")
  var resample: Resampling?

  @Option(help: "Frames of each set that T-W2 compares; 0 leaves it out.")
  var torusPoints: Int?

  @Option(help: "At most this many samples and reference frames; 10,000, or what the run says.")
  var count: Int?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if runPath == nil, samples == nil || weights == nil || reference == nil || system == nil {
      throw ValidationError(
        "give a run folder, or all of --samples, --weights, --reference and --system")
    }
    if runPath != nil, samples != nil || weights != nil || system != nil {
      throw ValidationError(
        "a run folder has its own samples, weights and system; leave those options out")
    }
    if let torusPoints, torusPoints < 0 {
      throw ValidationError("--torus-points is \(torusPoints), expected 0 or more")
    }
    if let count, count < 1 { throw ValidationError("--count is \(count), expected at least 1") }
  }

  func run() throws {
    let folder = try runPath.map { try RunFolder(existing: $0) }
    let lock = try folder.map { try RunLock($0) }
    defer { lock?.release() }
    let record = try folder.map { try RunRecord.read(path: $0.record) }
    let molecule = try molecule(record)
    let proposals = try readSamples(folder?.samples ?? samples ?? "", of: molecule, log: shared.log)
    let weightsPath = folder?.weights ?? weights ?? ""
    let logDensities = try WeightsTable.readLogDensities(path: weightsPath)
    try checkLengths(proposals, logDensities, weightsPath: weightsPath)
    let referenceFrames = try readFrames(
      reference ?? record?.reference.path ?? "", of: molecule, log: shared.log)
    var configuration = record?.configuration ?? RunConfiguration()
    if let resample { configuration.evaluation.resample = resample }
    if let torusPoints { configuration.evaluation.torusPoints = torusPoints }
    if let count { configuration.evaluation.count = count }
    let compared = try compare(
      proposals,
      energies: molecule.reducedEnergies(proposals.coordinates, execution: shared.execution),
      logDensities: logDensities, with: referenceFrames, system: molecule,
      configuration: configuration,
      execution: shared.execution)
    let text = try tarflow_mol.json(compared.result)
    if let folder {
      try writeText(text, path: folder.evaluation)
      try writeText(csv(compared.histogram), path: folder.histograms)
    }
    try printResult(json ? text : resultsTable(compared.result, system: molecule))
  }

  private func molecule(_ record: RunRecord?) throws -> MolecularSystem {
    if let record { return try record.readSystem() }
    let name = system ?? ""
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return try MolecularSystem(descriptionPath: name)
    }
    return try MolecularSystem(folder: try findSystem(name, in: systems.systems))
  }
}

extension Resampling: ExpressibleByArgument {}

/// Checks that every frame has its log-density.
func checkLengths(_ samples: Trajectory, _ logDensities: [Double], weightsPath: String) throws {
  guard samples.frames == logDensities.count else {
    throw CommandError.badData(
      path: weightsPath,
      problem:
        "has \(logDensities.count) rows for \(samples.frames) frames; do the two files belong together?"
    )
  }
}
