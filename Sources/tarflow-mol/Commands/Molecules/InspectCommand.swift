import ArgumentParser
import Boltzmann
import ImageRuns
import Reporting
import Runs

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: """
      Say what a file is: a trajectory or restart, a prmtop, a checkpoint, a run, a simulation, a \
      system with the conventions of its energy, or a system of images.
      """)

  @Argument(help: "The file, folder or system.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var systems: SystemsOption

  func run() throws {
    try printFacts(try facts(), json: json)
  }

  private func facts() throws -> [Fact] {
    if isImageRun(path) { return try imageRunFacts(RunFolder(path: path)) }
    if RunFolder.isRun(path) { return try RunFolder(path: path).facts() }
    if let simulation = try? SimulationFolder(existing: path) { return try simulation.facts() }
    if let system = try? systems.find(path) { return try MolecularSystem(folder: system).facts() }
    if let images = try? systems.find(path, .images) {
      return try ImageSystem.read(path: "\(images)/\(SystemKind.images.file)").facts(in: images)
    }
    if path.hasSuffix(".yaml") { return try MolecularSystem(descriptionPath: path).facts() }
    try requireFile(
      path, what: "file or system",
      advice: "give a .nc, .prmtop or .safetensors file, a run or a system")
    return try fileFacts(path: path)
  }
}
