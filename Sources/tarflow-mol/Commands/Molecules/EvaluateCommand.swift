import ArgumentParser
import Boltzmann
import Evaluation
import Kernels
import Reporting
import Runs

struct EvaluateCommand: SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare weighted samples with a reference: E-W2, T-W2, ESS, populations, chirality.",
    discussion: """
      Works on a run folder, on files (--samples, --weights and --system), or on a \
      model without a run and --proposals, whose figures are only printed. In a run folder it \
      rewrites report.html, and evaluation.json and histograms.csv if they are of the same \
      settings, proposals, energy and reference; figures of other ones go to evaluation-2.json and \
      histograms-2.csv, and so on.
      """)

  @Argument(
    help: ArgumentHelp(
      "A run folder, a system with a model, or a model's file; not needed with files.",
      valueName: "run"))
  var runPath: String?

  @Option(help: ArgumentHelp("Proposals, AMBER NetCDF.", valueName: "file.nc"))
  var samples: String?

  @Option(
    help: ArgumentHelp("A table with the column log_q, a row a frame.", valueName: "file.csv"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "The reference trajectory; the run's or the system's by default.", valueName: "file.nc"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "system.yaml of the molecule, or a system's name or folder; in place of a run's own.",
      valueName: "system"))
  var system: String?

  @Option(
    help: ArgumentHelp(
      """
      Draw so many proposals, such as 200000, from the beginning of the run's random stream, and \
      keep their figures alone; the run's samples by default.
      """, valueName: "number"))
  var proposals: Int?

  @Option(help: "How the weighted samples are resampled: multinomial or systematic.")
  var resample: Resampling?

  @Option(help: "Frames of each set that T-W2 compares; 0 leaves it out.")
  var torusPoints: Int?

  @Option(
    name: [.customShort("n"), .long],
    help: "The benchmark's figures are of this many samples; 10,000, or what the run says.")
  var count: Int?

  /// Another name of the same.
  @Option(name: .customLong("number"), help: .hidden)
  var formerCount: Int?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if runPath == nil, samples == nil || weights == nil || system == nil {
      throw ValidationError("give a run folder, or all of --samples, --weights and --system")
    }
    if runPath == nil, proposals != nil {
      throw ValidationError("--proposals draws from a run; name its folder")
    }
    try check("--proposals", proposals, .proposals)
    if runPath != nil, samples != nil || weights != nil {
      throw ValidationError(
        "a run folder has its own samples and weights; leave those options out")
    }
    try check("--torus-points", torusPoints, .between(EvaluationOptions.torusPointCounts))
    try check("--count", count ?? formerCount, .between(EvaluationOptions.counts))
  }

  func run() throws {
    let ranks = joinRanks()
    guard ranks.count == 1 || proposals != nil else {
      throw ValidationError("ranks share the --proposals of a run; without them start one process")
    }
    guard ranks.isFirst else { return try follow(ranks) }
    try checkMolecule(runPath) { "evaluate it: tarflow-mol image evaluate \($0)" }
    guard let runPath else {
      let system = try systems.read(system ?? "")
      let found = try compareFiles(
        samples: samples ?? "", weights: weights ?? "", reference: try referencePath(of: system),
        of: system, options: chosen(EvaluationOptions()), context: shared.context())
      return try show(found.report, of: system)
    }
    try loadBLAS()
    if let place = try? ModelPlace(runPath, systems: systems.systems), place.isModel {
      return try evaluate(place, ranks)
    }
    let folder = try RunFolder(existing: runPath)
    try withLock(on: folder.path) {
      let record = try systems.record(of: folder, system: system, log: shared.log)
      let system = try record.readSystem()
      let (comparison, report) = try record.compare(
        in: folder, of: system, proposals: proposals,
        reference: try reference ?? record.referencePath(in: folder, advice: referenceAdvice),
        options: chosen(try record.evaluationOptions(in: folder)),
        context: shared.context(ranks: ranks))
      leaveRanks()
      let own = folder.evaluationFiles
      let files =
        overwrite.overwrite ? own : own.place(for: report, isOwn: !record.isOfOtherEnergy)
      try comparison.write(report, to: files)
      if files != own {
        shared.log.notice(
          """
          \(own.figures) is of other settings, proposals, energy or reference, or does not say, \
          and stays as it is; \(files.note)
          """)
      }
      writeRunReport(in: folder, record: record, context: shared.context())
      try show(report, of: system)
    }
  }

  /// Evaluates proposals of a model that belongs to no run.
  private func evaluate(_ place: ModelPlace, _ ranks: Ranks) throws {
    guard ranks.count == 1 else {
      throw ValidationError("ranks share the --proposals of a run; \(place.path) is none")
    }
    guard let proposals else {
      throw ValidationError("\(place.path) is no run and has no samples; add --proposals")
    }
    let context = shared.context()
    let (model, system) = try systems.model(place, system: system, context: context)
    let found = try compareProposals(
      of: model, proposals, with: try referencePath(of: system), of: system,
      sampling: SamplingOptions(), seed: 1,
      options: chosen(EvaluationOptions()), context: context)
    try show(found.report, of: system)
  }

  /// The reference of the command line, or the system's.
  private func referencePath(of system: MolecularSystem) throws -> String {
    guard let path = reference ?? system.existingReference else {
      throw ValidationError("\(system.description.name) has no reference; add --reference")
    }
    return path
  }

  /// Draws another rank's share of the proposals.
  private func follow(_ ranks: Ranks) throws {
    try loadBLAS()
    let folder = try RunFolder(existing: runPath ?? "")
    let context = shared.context(ranks: ranks)
    let record = try systems.record(of: folder, system: system, log: context.log)
    try record.shareProposals(
      proposals ?? 0, in: folder, of: try record.readSystem(),
      options: chosen(try record.evaluationOptions(in: folder)), context: context)
  }

  /// The settings of the command line over others.
  private func chosen(_ defaults: EvaluationOptions) -> EvaluationOptions {
    var options = defaults
    if let resample { options.resampling = resample }
    if let torusPoints { options.torusPoints = torusPoints }
    if let count = count ?? formerCount { options.count = count }
    return options
  }

  private func show(_ report: EvaluationReport, of system: MolecularSystem) throws {
    try printResult(json ? try sealedJSONText(report) : report.table(of: system))
  }
}

extension Resampling: ExpressibleByArgument {}
