import ArgumentParser
import Boltzmann
import Molecules
import Runs

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build a system from the sequence of a peptide, or from a PDB file.",
    discussion: """
      Writes system.yaml, topology.prmtop, topology.pdb, start.ncrst and README.md. Ends without a \
      cap are charged.
      """)

  @Argument(
    help: """
      Letters, such as AEK, small ones for D-residues; with caps: Ace-AEK-Nme, Ace-AEK-NH2; or \
      residues: ALA-HIP-DLYN. Not needed with --from.
      """)
  var sequence: String?

  @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
  var output: String

  @OptionGroup var building: BuildOptions

  @Option(help: "The temperature in K.")
  var temperature = 300.0

  @Option(
    help: ArgumentHelp(
      "Take sequence, protonation and coordinates from a PDB file; hydrogens may be missing.",
      valueName: "file.pdb"))
  var from: String?

  @Option(help: "The seed of the start structure; 0, the default, is the extended chain.")
  var seed: UInt64?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try check("--temperature", temperature, MolecularSystem.temperatures)
    if (sequence == nil) == (from == nil) {
      throw ValidationError("name a sequence, such as Ace-AEK-Nme, or a file --from FILE.pdb")
    }
    guard from != nil else { return }
    if !building.cis.isEmpty {
      throw ValidationError(
        "the coordinates of a --from file say which bonds are cis; leave out --cis")
    }
    if seed != nil {
      throw ValidationError("the start of a --from file is its own structure; leave out --seed")
    }
  }

  func run() throws {
    if !isFreeFolder(output) {
      throw RunError.exists(path: output, advice: "choose another --output")
    }
    let model = try from.map { try PDBModel(path: $0) }
    for note in model?.notes ?? [] { shared.log.warning("\(note)") }
    var settings = try building.settings(model?.sequence ?? PeptideSequence(sequence ?? ""))
    (settings.temperature, settings.seed) = (temperature, seed ?? 0)
    let system = try buildSystem(settings, model: model, in: output, version: programVersion)
    for note in system.prmtop.notes { shared.log.warning("\(system.topologyPath): \(note)") }
    try printFacts(try system.buildFacts(), json: json)
    shared.log.info("go on with: tarflow-mol simulate \(output) --time 10ns")
  }
}
