import ArgumentParser
import Flow
import Foundation
import Molecules
import Trajectories

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Say what a file is: a trajectory or restart, a prmtop, a checkpoint, or a run folder.")

  @Argument(help: "The file or folder.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let facts = try facts()
    if json {
      return print(try tarflow_mol.json(Dictionary(uniqueKeysWithValues: facts)), terminator: "")
    }
    let width = facts.map(\.0.count).max() ?? 0
    for (name, value) in facts {
      print("\(name)\(String(repeating: " ", count: width - name.count))  \(value)")
    }
  }

  private func facts() throws -> [(String, String)] {
    if RunFolder.isRun(path) { return try runFacts() }
    guard let handle = FileHandle(forReadingAtPath: path),
      let start = try? handle.read(upToCount: 9)
    else {
      throw CommandError.missing(
        what: "file", path: path, advice: "give a .nc, .prmtop or .safetensors file, or a run")
    }
    if start.starts(with: Data("CDF".utf8)) || start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return try trajectoryFacts()
    }
    if start.count == 9, start[8] == UInt8(ascii: "{") { return try weightFacts() }
    return try prmtopFacts()
  }

  private func runFacts() throws -> [(String, String)] {
    let folder = try RunFolder(existing: path)
    let record = try RunRecord.read(path: folder.record)
    let stages = [("samples", folder.samples), ("evaluation", folder.evaluation)]
    return [
      ("kind", "run folder"), ("program", record.program), ("system", record.system),
      ("training", record.training.path), ("reference", record.reference.path),
      ("seed", "\(record.configuration.seed)"), ("steps", "\(record.configuration.training.steps)"),
      ("newest checkpoint", folder.savedSteps().first.map { "step \($0.step)" } ?? "none"),
    ] + stages.map { ($0, FileManager.default.fileExists(atPath: $1) ? "there" : "not yet") }
  }

  private func trajectoryFacts() throws -> [(String, String)] {
    let info = try inspectAmberTrajectory(path: path)
    let optional = [
      ("conventions", info.conventions), ("frames", info.frames.map { "\($0)" }),
      ("atoms", info.atoms.map { "\($0)" }),
      ("title", info.title), ("program", info.program), ("program version", info.programVersion),
    ].compactMap { name, value in value.map { (name, $0) } }
    let variables = info.variables.map { variable in
      ("variable \(variable.name)", "\(variable.type) \(variable.shape) \(variable.units ?? "")")
    }
    let notes = info.notes.enumerated().map { ("note \($0 + 1)", $1) }
    return [("kind", "NetCDF, \(info.format.rawValue)")] + optional
      + [("periodic box", info.hasBox ? "yes" : "no")] + variables + notes
  }

  private func prmtopFacts() throws -> [(String, String)] {
    let prmtop = try readPrmtop(path: path)
    let (topology, field) = (prmtop.topology, prmtop.forceField)
    let charge = field.charges.reduce(0, +)
    return [
      ("kind", "AMBER prmtop"), ("atoms", "\(topology.atoms)"),
      ("residues", topology.residueNames.joined(separator: " ")), ("bonds", "\(field.bonds.count)"),
      ("angles", "\(field.angles.count)"),
      ("torsions", "\(field.torsions.count) proper, \(field.impropers.count) improper"),
      ("1–4 pairs", "\(field.pairs14.count)"), ("charge", decimal(charge, 4)),
      ("radius set", prmtop.radiusSet),
    ] + prmtop.notes.enumerated().map { ("note \($0 + 1)", $1) }
  }

  private func weightFacts() throws -> [(String, String)] {
    let file = try Safetensors(path: path)
    let elements = file.tensors.values.reduce(0) { $0 + $1.values.count }
    return [
      ("kind", "safetensors"), ("tensors", "\(file.tensors.count)"), ("elements", "\(elements)"),
    ]
      + file.metadata.sorted { $0.key < $1.key }.filter { $0.key != "representation" }.map {
        ($0.key, $0.value)
      }
  }
}
