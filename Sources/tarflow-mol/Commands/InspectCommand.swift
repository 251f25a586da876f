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
      let table = facts.map { ($0.0.replacing(" ", with: "_"), $0.1) }
      // A checkpoint's own metadata may repeat a name.
      let unique = Dictionary(table) { first, _ in first }
      return try printResult(try tarflow_mol.json(unique))
    }
    let width = facts.map(\.0.count).max() ?? 0
    let lines = facts.map { name, value in
      "\(name)\(String(repeating: " ", count: width - name.count))  \(value)\n"
    }
    try printResult(lines.joined())
  }

  /// What there is to say of something: in JSON numbers are numbers.
  private enum Fact: Encodable, CustomStringConvertible {
    case text(String)
    case count(Int)
    case number(Double)

    var description: String {
      switch self {
      case .text(let text): text
      case .count(let count): "\(count)"
      case .number(let number): decimal(number, 4)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .count(let count): try container.encode(count)
      case .number(let number): try container.encode(number)
      }
    }
  }

  private typealias Facts = [(String, Fact)]

  private func facts() throws -> Facts {
    if RunFolder.isRun(path) { return try runFacts() }
    try requireFile(
      path, what: "file", advice: "give a .nc, .prmtop or .safetensors file, or a run")
    let handle = FileHandle(forReadingAtPath: path)
    let start = (try? handle?.read(upToCount: 9)) ?? Data()
    if start.starts(with: Data("CDF".utf8)) || start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return try trajectoryFacts()
    }
    if start.count == 9, start[8] == UInt8(ascii: "{") { return try weightFacts() }
    if start.first == UInt8(ascii: "%") { return try prmtopFacts() }
    guard let atoms = try? readAmberRestart(path: path).count else {
      throw CommandError.badData(
        path: path,
        problem: "is no AMBER NetCDF, restart or prmtop, and no safetensors file that can be read")
    }
    return [("kind", .text("AMBER restart, text")), ("atoms", .count(atoms))]
  }

  private func runFacts() throws -> Facts {
    let folder = try RunFolder(existing: path)
    let record = try RunRecord.read(path: folder.record)
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

  private func trajectoryFacts() throws -> Facts {
    let info = try inspectAmberTrajectory(path: path)
    let optional: [(String, Fact?)] = [
      ("conventions", info.conventions.map(Fact.text)), ("frames", info.frames.map(Fact.count)),
      ("atoms", info.atoms.map(Fact.count)), ("title", info.title.map(Fact.text)),
      ("program", info.program.map(Fact.text)),
      ("program version", info.programVersion.map(Fact.text)),
    ]
    let variables = info.variables.map { variable in
      let units = variable.units.map { " \($0)" } ?? ""
      return ("variable \(variable.name)", Fact.text("\(variable.type) \(variable.shape)\(units)"))
    }
    return [("kind", .text("NetCDF, \(info.format.rawValue)"))]
      + optional.compactMap { name, value in value.map { (name, $0) } }
      + [("periodic box", .text(info.hasBox ? "yes" : "no"))] + variables + noteFacts(info.notes)
  }

  private func prmtopFacts() throws -> Facts {
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

  private func noteFacts(_ notes: [String]) -> Facts {
    notes.enumerated().map { ("note \($0 + 1)", .text($1)) }
  }

  private func weightFacts() throws -> Facts {
    let file = try Safetensors(path: path)
    let elements = file.tensors.values.reduce(0) { $0 + $1.values.count }
    let metadata = file.metadata.sorted { $0.key < $1.key }.filter { $0.key != "representation" }
    return [
      ("kind", .text("safetensors")), ("tensors", .count(file.tensors.count)),
      ("elements", .count(elements)),
    ] + metadata.map { ($0.key, .text($0.value)) }
  }
}
