import ArgumentParser
import Evaluation
import Foundation

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export the energy histograms of a run as CSV: reference, proposal, reweighted.",
    discussion: "Densities in 1/kT over common bins; the notebook in notebooks-export/ draws them.")

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var runPath: String

  @Option(help: ArgumentHelp("The CSV file; standard output by default.", valueName: "file"))
  var output: String?

  @Option(help: "How many bins.")
  var bins = 100

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if bins < 1 { throw ValidationError("--bins is \(bins), expected at least 1") }
  }

  func run() throws {
    let folder = try RunFolder(existing: runPath)
    let record = try RunRecord.read(path: folder.record)
    let system = try record.readSystem()
    if let output, !overwrite, FileManager.default.fileExists(atPath: output) {
      throw CommandError.exists(path: output, advice: "choose another --output, or add --overwrite")
    }
    let samples = try readSamples(folder.samples, of: system, log: shared.log)
    let logDensities = try WeightsTable.readLogDensities(path: folder.weights)
    try checkLengths(samples, logDensities, weightsPath: folder.weights)
    let reference = try readFrames(record.reference.path, of: system, log: shared.log)
    let histogram = try energyHistogram(
      energies: system.reducedEnergies(samples.coordinates, execution: shared.execution),
      logDensities: logDensities,
      referenceEnergies: system.reducedEnergies(reference.coordinates, execution: shared.execution),
      clip: record.configuration.evaluation.clip, bins: bins)
    guard let output else { return try printResult(csv(histogram)) }
    try writeText(csv(histogram), path: output)
  }
}
