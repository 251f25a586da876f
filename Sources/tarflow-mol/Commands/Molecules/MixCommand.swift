import ArgumentParser
import Boltzmann
import Runs

struct MixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix",
    abstract: "Put the flows of several runs together into one model, a mixture of them.",
    discussion: """
      Conformations are drawn from the flows in turn, and their density is the mean of those that \
      the flows give them. A conformation that one flow gives far too little then gets no weight \
      that is far too large, so that the mixture of runs with several seeds has a higher ESS than \
      each of them. Draw from the file with `sample FILE --system SYSTEM`, or make it the \
      model.safetensors of a system's folder.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run folders, systems with a model, or models' files: two at least, of one system.",
      valueName: "run"))
  var places: [String]

  @Option(help: ArgumentHelp("Where the model goes.", valueName: "file.safetensors"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The system of models' files; of a run, in place of its own.", valueName: "system"))
  var system: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard places.count > 1 else { throw ValidationError("name two runs at least") }
    guard output.hasSuffix(".safetensors") else {
      throw ValidationError("--output is \(output), expected the name of a .safetensors file")
    }
  }

  func run() throws {
    for place in places { try checkMolecule(place) { "\($0) cannot be mixed" } }
    try overwrite.check([output])
    let found = try places.map { try ModelPlace($0, systems: systems.systems) }
    for case .run(let folder) in found {
      try MoleculeRecord.read(in: folder).warnOfUnfinishedTraining(in: folder, log: shared.log)
    }
    let molecule = try systems.molecule(of: found[0], named: system, log: shared.log)
    let count = try mixModels(found, of: molecule, to: output)
    shared.log.info("a mixture of \(count) flows")
    try printResult("\(output)\n")
  }
}
