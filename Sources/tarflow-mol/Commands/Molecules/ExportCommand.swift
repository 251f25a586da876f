import ArgumentParser
import Boltzmann
import Foundation
import Runs
import TensorFiles

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export a run for other programs, or its energy histograms alone as CSV.",
    discussion: """
      With --to a folder: histograms.csv, samples.nc (AMBER NetCDF) and weights.csv, ensemble.dcd \
      and ensemble.pdb (resampled to equal weights), run.nc (CF-1.8, for xarray) and the topology. \
      Without it the energy histograms of the reference, the proposals and the reweighted samples: \
      densities in 1/kT over common bins, reweighted with all finite weights; the notebook in \
      notebooks-export/ draws them. A JSON file beside the CSV file says what they were made from.
      Of a simulation: how far its frames are from a reference after 10⁴, 10⁵, … evaluations of \
      the energy.
      """)

  @Argument(help: ArgumentHelp("A run folder, or that of a simulation.", valueName: "run"))
  var runPath: String

  @Argument(help: "Further simulations with the same settings and other seeds.")
  var further: [String] = []

  @Option(help: ArgumentHelp("The CSV file; standard output by default.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Write all of a run into this folder.", valueName: "folder"))
  var to: String?

  @Option(help: "Conformations in the PDB file of --to, 300 by default.")
  var models: Int?

  @Flag(help: "With --to: a COLVAR file and a plumed.dat that make reweighted free energies.")
  var plumed = false

  @Flag(help: "With --to: a Jupyter notebook that draws run.nc.")
  var notebook = false

  @Option(help: "How many bins the histograms have, 100 by default.")
  var bins: Int?

  @Option(
    help: ArgumentHelp(
      "The reference; by default the run's, or the system's for a simulation.",
      valueName: "file.nc"))
  var reference: String?

  @OptionGroup var other: RunSystemOption
  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try check("--bins", bins, .bins)
    try check("--models", models, .between(1, 1e6))
    if to == nil, plumed || notebook || models != nil {
      throw ValidationError("--models, --plumed and --notebook go into a folder; add --to folder")
    }
    if to != nil, output != nil || reference != nil || !further.isEmpty {
      throw ValidationError(
        "--to exports all of one run; leave --output, --reference and other runs out")
    }
  }

  func run() throws {
    try checkMolecule(runPath) {
      "draw images as an array: tarflow-mol image sample \($0) --array images.npy; its weights are "
        + RunFolder(path: $0).model
    }
    if let to {
      var export = RunExport(to: to)
      if let bins { export.bins = bins }
      if let models { export.models = models }
      (export.hasPlumed, export.hasNotebook) = (plumed, notebook)
      try overwrite.check(export.paths)
      let run = try RunFolder(existing: runPath)
      let written = try export.write(
        run, record: try other.record(of: run, log: shared.log), context: shared.context())
      return try printResult(written.map { "\($0)\n" }.joined())
    }
    if let first = try? SimulationFolder(existing: runPath) {
      if other.isGiven { throw ValidationError("--system and --systems are for a training's run") }
      if bins != nil {
        throw ValidationError("--bins are those of a training's histograms; a simulation has none")
      }
      try overwrite.check([output])
      let simulations = try [first] + further.map { try SimulationFolder(existing: $0) }
      let costs = try costCurve(of: simulations, reference: reference, context: shared.context())
      return try output.map { try writeText(costs, path: $0) } ?? printResult(costs)
    }
    guard further.isEmpty else { throw ValidationError("further folders are for simulations") }
    if let output, (output as NSString).pathExtension == "json" {
      throw ValidationError(
        "--output is \(output), but the settings go to a JSON file beside the histogram; name a CSV "
          + "file")
    }
    let folder = try RunFolder(existing: runPath)
    let record = try other.record(of: folder, log: shared.log)
    let system = try record.readSystem()
    let settings = output.map { ($0 as NSString).deletingPathExtension + ".json" }
    try overwrite.check([output, settings])
    let weighted = try WeightedProposals(
      samples: folder.samples, weights: folder.weights, of: system,
      isOwn: !record.isOfOtherEnergy, clip: record.configuration.evaluation.clippedFraction,
      context: shared.context())
    let referencePath =
      try self.reference
      ?? record.referencePath(in: folder, advice: referenceAdvice)
    let reference = try readFrames(referencePath, of: system, log: shared.log)
    let histogram = try weighted.energyHistogram(
      referenceEnergies: system.reducedEnergies(
        reference.coordinates, execution: shared.execution),
      bins: bins ?? 100)
    guard let output, let settings else { return try printResult(histogram.csvText) }
    try HistogramSettings(
      weighted, reference: try InputFile(path: referencePath), program: shared.program,
      drawn: Draw(beside: folder.samples, count: weighted.proposals.count)
    ).write(histogram: histogram.csvText, path: output, settings: settings)
  }
}
