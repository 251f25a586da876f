import ArgumentParser
import Boltzmann
import Evaluation
import Kernels
import Reporting
import Runs

struct ReweightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reweight",
    abstract: "Recompute the weights of a run from samples.nc and the log_q in weights.csv.",
    discussion: """
      Self-normalised importance sampling: log w = −U/kT − log_q. Rewrites weights.csv. With --to or \
      --temperature it weighs the same proposals for another energy of the same molecule, says how \
      far they carry and what free energy lies between, and leaves weights.csv alone. With --frames \
      it adds BAR and MBAR, for which the flow gives its density of the frames.
      """)

  @Argument(
    help: ArgumentHelp(
      "A run folder; with --to or --temperature also several, or folders of samples.",
      valueName: "run"))
  var runPaths: [String]

  @Option(
    help: """
      The share of the largest weights that the benchmark's E-W2 and ESS leave out; by default that \
      of the last reweighting, or else the run's (0.002). It counts from then on.
      """)
  var clip: Double?

  @OptionGroup var change: TargetOptions

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try check("--clip", clip, .below(0, 1))
    if change.isGiven, clip != nil {
      throw ValidationError("--clip is of the run's own weights; leave it out")
    }
    if !change.isGiven, runPaths.count > 1 || change.hasMore {
      throw ValidationError("several runs, frames and --output are for --to or --temperature")
    }
  }

  func run() throws {
    for path in runPaths {
      try checkMolecule(path) {
        "images have no energy to be weighed by; evaluate it: tarflow-mol image evaluate \($0)"
      }
    }
    if change.isGiven { return try weighForTarget() }
    let folder = try RunFolder(existing: runPaths[0])
    try withLock(on: folder.path) {
      let record = try systems.record(of: folder, system: change.system, log: shared.log)
      let system = try record.readSystem()
      // A record that cannot be read is replaced.
      let options = (try? record.evaluationOptions(in: folder)) ?? record.configuration.evaluation
      let clip = clip ?? options.clippedFraction
      let weighted = try WeightedProposals(
        samples: folder.samples, weights: folder.weights, of: system,
        isOwn: !record.isOfOtherEnergy, clip: clip, context: shared.context())
      try weighted.writeWeights(
        folder.weights, for: system, program: shared.program, record: folder.weighting)
      let summary = WeightsSummary(weighted.weights)
      try printResult(json ? try jsonText(summary) : summary.text)
    }
  }

  private func weighForTarget() throws {
    try loadBLAS()
    let named = try change.system.map { try systems.read($0) }
    let sources = try runPaths.map { try systems.source($0, using: named, log: shared.log) }
    guard let base = try named ?? sources[0].system() else {
      throw ValidationError("\(runPaths[0]) does not say of which system it is; add --system")
    }
    let other = try change.to.map { try systems.read($0) } ?? base
    let target = change.temperature.map { other.at(temperature: $0) } ?? other
    var request = try TargetChange(sources, from: base, to: target)
    request.targetFrames = try change.frames.map { try AnalysisSource(path: $0) }
    let reference =
      change.reference
      ?? (request.comparesEnsembles ? sources[0].referencePath(of: base, log: shared.log) : nil)
    request.baseFrames = try reference.map { try AnalysisSource(path: $0) }
    let tables = change.tables(beside: sources, target: target)
    try overwrite.check(tables)
    let result = try request.result(weights: tables, context: shared.context())
    try printResult(json ? try jsonText(result) : result.text)
  }
}
