import ArgumentParser
import Boltzmann
import Foundation
import Reporting
import Runs

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Populations of states, free energies between them and averages, with errors.",
    discussion: """
      Of weighted samples or of a simulation, or of several together: run folders, folders of \
      samples, simulations, or files. Every residue has the states alpha, beta, PPII and left (of φ \
      and ψ) and cis (of ω); --states and system.yaml define more, such as 'left: phi 2 in [0, \
      180)'. Errors of samples are the bootstrap's; those of a simulation come from the order of \
      its frames and the spread of its chains.
      """)

  @Argument(help: ArgumentHelp("What to analyze.", valueName: "run"))
  var paths: [String]

  @Option(help: ArgumentHelp("The weights of a file of samples.", valueName: "file.csv"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "The system: its name, folder or system.yaml, in place of a run's own.", valueName: "system"))
  var system: String?

  @Option(
    help: ArgumentHelp("Weigh proposals for this temperature.", valueName: "K"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      "What to compare with, by default the run's or the system's reference.", valueName: "run"))
  var reference: String?

  @Option(help: ArgumentHelp("Further states and observables, in YAML.", valueName: "file.yaml"))
  var states: String?

  @Option(
    help: ArgumentHelp(
      "The free energy between two states: 'beta ALA2,left ALA2'.", valueName: "from,to"))
  var between: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write free-energy surfaces of φ and ψ into this folder, as CSV.", valueName: "folder"))
  var surfaces: String?

  @Option(
    help: ArgumentHelp("A further surface, such as 'rg,phi 2'.", valueName: "quantities"))
  var surface: [String] = []

  @Flag(help: "Smooth the largest weights by the Pareto distribution of their tail (PSIS).")
  var smoothWeights = false

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if weights != nil, paths.count > 1 { throw ValidationError("--weights are those of one file") }
    try check("--temperature", temperature, MolecularSystem.temperatures)
    if !surface.isEmpty, surfaces == nil { throw ValidationError("--surface needs --surfaces") }
    if let text = between.first(where: { $0.split(separator: ",").count != 2 }) {
      throw ValidationError("--between is '\(text)', expected two states, FROM,TO")
    }
  }

  func run() throws {
    for path in paths + [reference].compactMap({ $0 }) {
      try checkMolecule(path) { "evaluate it: tarflow-mol image evaluate \($0)" }
    }
    let named = try self.system.map { try systems.read($0) }
    let sources = try paths.map {
      try systems.source($0, weights: weights, using: named, log: shared.log)
    }
    try checkWeights(of: sources[0])
    guard let system = try named ?? sources[0].system() else {
      throw ValidationError("\(paths[0]) does not say of which system it is; add --system")
    }
    var request = AnalysisRequest(sources, of: system)
    request.reference = try reference.map {
      try systems.source($0, using: named, log: shared.log)
    }
    (request.statesFile, request.isSmoothed) = (states, smoothWeights)
    request.temperature = temperature
    (request.surfacesFolder, request.surfaces) = (surfaces, surface)
    request.pairs = between.map { text in
      let names = text.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      return (names[0], names[1])
    }
    try overwrite.check(try request.surfacePaths())
    let result = try request.result(context: shared.context())
    try printResult(json ? try jsonText(result) : result.table)
  }

  /// Refuses options of weights that would change nothing.
  /// - Throws: `ValidationError`.
  private func checkWeights(of source: AnalysisSource) throws {
    if let weights, source.files?.weights != weights {
      throw ValidationError(
        "--weights are those of a file of samples, which \(paths[0]) is not; leave them out, and "
          + "name another energy or temperature with --system or --temperature")
    }
    if smoothWeights, !source.areProposals {
      throw ValidationError(
        "--smooth-weights is for proposals; the frames of \(paths[0]) all have one weight")
    }
  }
}
