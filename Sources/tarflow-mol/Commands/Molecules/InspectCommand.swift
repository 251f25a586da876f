import ArgumentParser
import Boltzmann
import Flow
import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Say what a file is: a trajectory or restart, a prmtop, a checkpoint, a run or a simulation.")

  @Argument(help: "The file or folder.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try printFacts(try facts(), json: json)
  }

  private func facts() throws -> [Fact] {
    if RunFolder.isRun(path) { return try runFacts() }
    if let simulation = try? SimulationFolder(existing: path) {
      return try simulationFacts(simulation)
    }
    try requireFile(
      path, what: "file", advice: "give a .nc, .prmtop or .safetensors file, or a run")
    switch try FileKind(path: path) {
    case .classicNetCDF, .hdf5: return try trajectoryFacts()
    case .dcd:
      let (trajectory, notes) = try readTrajectory(path: path)
      return [
        ("kind", .text("DCD trajectory")), ("frames", .count(trajectory.frames)),
        ("atoms", .count(trajectory.atoms)),
      ] + noteFacts(notes)
    case .safetensors: return try weightFacts()
    case .prmtop: return try prmtopFacts()
    case .text, .other: break
    }
    guard let atoms = try? readAmberRestart(path: path).count else {
      throw RunError.badData(
        path: path,
        problem: "is no AMBER NetCDF, restart or prmtop, and no safetensors file that can be read")
    }
    return [("kind", .text("AMBER restart, text")), ("atoms", .count(atoms))]
  }

  private func runFacts() throws -> [Fact] {
    let folder = try RunFolder(existing: path)
    let record = try MoleculeRecord.read(path: folder.record)
    let stages = [("samples", folder.samples), ("evaluation", folder.evaluation)]
    return [
      ("kind", .text("run folder")), ("program", .text(record.program)),
      ("system", .text(record.system)), ("training", .text(record.training.path)),
      ("reference", .text(record.reference.path)), ("seed", .text("\(record.configuration.seed)")),
      ("steps", .count(record.configuration.training.steps)),
      ("newest checkpoint", .count(folder.savedSteps().first?.step ?? 0)),
    ]
      + stages.map {
        ($0, .text(FileManager.default.fileExists(atPath: $1) ? "there" : "not yet"))
      }
  }

  private func simulationFacts(_ folder: SimulationFolder) throws -> [Fact] {
    let record = try SimulationRecord.read(path: folder.record)
    let settings = record.settings
    return [
      ("kind", .text("simulation")), ("program", .text(record.program)),
      ("system", .text(record.system)), ("chains", .count(settings.chains)),
      ("time of each", .text("\(PhysicalTime(picoseconds: settings.time))")),
      (
        "temperatures K", .text(settings.temperatures.map { $0.fixed(1) }.joined(separator: " "))
      ),
      ("time step", .text("\(PhysicalTime(picoseconds: settings.timeStep))")),
      ("seed", .text("\(settings.seed)")), ("frames", .count(settings.frames)),
      ("trajectory", .text(folder.isComplete ? "complete" : "not yet complete")),
    ]
  }

  private func trajectoryFacts() throws -> [Fact] {
    let info = try inspectAmberTrajectory(path: path)
    let optional: [(String, FactValue?)] = [
      ("conventions", info.conventions.map(FactValue.text)),
      ("frames", info.frames.map(FactValue.count)),
      ("atoms", info.atoms.map(FactValue.count)), ("title", info.title.map(FactValue.text)),
      ("program", info.program.map(FactValue.text)),
      ("program version", info.programVersion.map(FactValue.text)),
    ]
    let variables = info.variables.map { variable in
      let units = variable.units.map { " \($0)" } ?? ""
      return (
        "variable \(variable.name)", FactValue.text("\(variable.type) \(variable.shape)\(units)")
      )
    }
    return [("kind", .text("NetCDF, \(info.format.rawValue)"))]
      + optional.compactMap { name, value in value.map { (name, $0) } }
      + [("periodic box", .text(info.hasBox ? "yes" : "no"))] + variables + noteFacts(info.notes)
  }

  private func prmtopFacts() throws -> [Fact] {
    let prmtop = try readPrmtop(path: path)
    let (topology, field) = (prmtop.topology, prmtop.forceField)
    // Zero without the sign and the rounding of a sum.
    let charge = (field.charges.reduce(0, +) * 1e4).rounded() / 1e4 + 0
    return [
      ("kind", .text("AMBER prmtop")), ("atoms", .count(topology.atoms)),
      ("residues", .text(topology.residueNames.joined(separator: " "))),
      ("bonds", .count(field.bonds.count)), ("angles", .count(field.angles.count)),
      ("proper torsions", .count(field.torsions.count)),
      ("improper torsions", .count(field.impropers.count)),
      ("1–4 pairs", .count(field.pairs14.count)),
      ("charge", .number(charge)), ("radius set", .text(prmtop.radiusSet)),
    ] + noteFacts(prmtop.notes)
  }

  private func noteFacts(_ notes: [String]) -> [Fact] {
    notes.enumerated().map { ("note \($0 + 1)", .text($1)) }
  }

  private func weightFacts() throws -> [Fact] {
    let file = try Safetensors(path: path)
    let elements = file.tensors.values.reduce(0) { $0 + $1.values.count }
    let metadata = file.metadata.sorted { $0.key < $1.key }.filter { $0.key != "representation" }
    return [
      ("kind", .text("safetensors")), ("tensors", .count(file.tensors.count)),
      ("elements", .count(elements)),
    ] + metadata.map { ($0.key, .text($0.value)) }
  }
}
