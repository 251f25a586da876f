import ArgumentParser
import Boltzmann
import Evaluation
import Reporting
import Runs

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare weighted samples with a reference: E-W2, E-W1, T-W2, ESS, chirality.",
    discussion: """
      Works on a run folder, or on files: --samples, --weights, --reference and --system. In a run \
      folder it rewrites evaluation.json and histograms.csv if they have the same settings; figures \
      of other settings go to evaluation-2.json and histograms-2.csv, and so on.
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

  @OptionGroup var overwrite: OverwriteOption
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
    guard let runPath else { return try evaluateFiles() }
    let folder = try RunFolder(existing: runPath)
    try withLock(on: folder.path) {
      let record = try MoleculeRecord.read(path: folder.record)
      let (comparison, report) = try compare(
        samples: folder.samples, weights: folder.weights,
        reference: try reference ?? record.referencePath(in: folder), of: try record.readSystem(),
        try record.evaluationOptions(in: folder))
      let own = folder.evaluationFiles
      let files = overwrite.overwrite ? own : own.place(for: report)
      try comparison.write(report, to: files)
      if files != own {
        shared.log.notice(
          "\(own.figures) has other settings or records none, and stays as it is; \(files.note)")
      }
    }
  }

  private func evaluateFiles() throws {
    _ = try compare(
      samples: samples ?? "", weights: weights ?? "", reference: reference ?? "",
      of: try systems.read(system ?? ""), EvaluationOptions())
  }

  /// Compares, and prints the figures.
  private func compare(
    samples: String, weights: String, reference: String, of system: MolecularSystem,
    _ defaults: EvaluationOptions
  ) throws -> (Comparison, EvaluationReport) {
    var options = defaults
    if let resample { options.resampling = resample }
    if let torusPoints { options.torusPoints = torusPoints }
    if let count { options.count = count }
    let proposals = try Proposals(
      samples: samples, weights: weights, of: system, log: shared.log)
    let frames = try readEquilibriumFrames(
      reference, of: system, execution: shared.execution, log: shared.log)
    let weighted = try WeightedProposals(
      proposals, of: system, clip: options.clippedFraction, execution: shared.execution)
    let comparison = try Comparison(
      weighted, with: frames, of: system, options: options, execution: shared.execution)
    for warning in comparison.warnings { shared.log.warning("\(reference): \(warning)") }
    let report = EvaluationReport(
      comparison.result, options: options, program: shared.program,
      reference: try InputFile(path: reference),
      drawn: Draw(beside: samples, count: proposals.count))
    try printResult(json ? try jsonText(report) : report.table(of: system))
    return (comparison, report)
  }
}

extension Resampling: ExpressibleByArgument {}
