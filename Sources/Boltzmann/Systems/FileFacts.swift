import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// What there is to say of a file: a trajectory or restart, a prmtop, or safetensors.
///
/// - Throws: `RunError.badData` where it is none of them, and what reading it throws.
package func fileFacts(path: String) throws -> [Fact] {
  switch try FileKind(path: path) {
  case .classicNetCDF, .hdf5: return try trajectoryFacts(path)
  case .dcd:
    let (trajectory, notes) = try readTrajectory(path: path)
    return [
      ("kind", .text("DCD trajectory")), ("frames", .count(trajectory.frames)),
      ("atoms", .count(trajectory.atoms)),
    ] + noteFacts(notes)
  case .safetensors: return try weightFacts(path)
  case .prmtop: return try prmtopFacts(path)
  case .pdb, .text, .other: break
  }
  guard let atoms = try? readAmberRestart(path: path).count else {
    throw RunError.badData(
      path: path,
      problem: "is no AMBER NetCDF, restart or prmtop, and no safetensors file that can be read")
  }
  return [("kind", .text("AMBER restart, text")), ("atoms", .count(atoms))]
}

private func trajectoryFacts(_ path: String) throws -> [Fact] {
  let info = try inspectAmberTrajectory(path: path)
  // What else a file holds is told, even if these are damaged.
  let temperatures = ((try? readAmberTemperatures(path: path)) ?? []).map { $0.fixed(1) }
  let optional: [(String, FactValue?)] = [
    ("conventions", info.conventions.map(FactValue.text)),
    ("frames", info.frames.map(FactValue.count)),
    ("atoms", info.atoms.map(FactValue.count)), ("title", info.title.map(FactValue.text)),
    ("program", info.program.map(FactValue.text)),
    ("program version", info.programVersion.map(FactValue.text)),
    (
      "temperatures K",
      temperatures.isEmpty ? nil : FactValue.text(temperatures.joined(separator: " "))
    ),
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

private func prmtopFacts(_ path: String) throws -> [Fact] {
  let prmtop = try readPrmtop(path: path)
  let (topology, field) = (prmtop.topology, prmtop.forceField)
  return [
    ("kind", .text("AMBER prmtop")), ("atoms", .count(topology.atoms)),
    ("residues", .text(topology.residueNames.joined(separator: " "))),
    ("bonds", .count(field.bonds.count)), ("angles", .count(field.angles.count)),
    ("proper torsions", .count(field.torsions.count)),
    ("improper torsions", .count(field.impropers.count)),
    ("1–4 pairs", .count(field.pairs14.count)),
    ("CMAP terms", .count(field.correctedTorsions.count)),
    ("charge", .number(field.netCharge)), ("radius set", .text(prmtop.radiusSet)),
  ] + noteFacts(prmtop.notes)
}

/// What the user should know, one fact each.
func noteFacts(_ notes: [String]) -> [Fact] {
  notes.enumerated().map { ("note \($0 + 1)", .text($1)) }
}

private func weightFacts(_ path: String) throws -> [Fact] {
  let file = try Safetensors(path: path)
  let elements = file.tensors.values.reduce(0) { $0 + $1.values.count }
  let metadata = file.metadata.sorted { $0.key < $1.key }.filter {
    !$0.key.hasSuffix("representation")
  }
  return [
    ("kind", .text("safetensors")), ("tensors", .count(file.tensors.count)),
    ("elements", .count(elements)),
  ] + metadata.map { ($0.key, jsonFact($0.value)) }
}

/// A text that may be JSON, as people see it without quotes, and every list of more than eight
/// numbers as how many they are.
private func jsonFact(_ text: String) -> FactValue {
  guard text.hasPrefix("{") || text.hasPrefix("[") else { return .text(text) }
  let parts = text.split(separator: "[", omittingEmptySubsequences: false)
  let short = parts.dropFirst().reduce(String(parts[0])) { shown, part in
    guard let end = part.firstIndex(of: "]") else { return "\(shown)[\(part)" }
    let count = part[..<end].count { $0 == "," } + 1
    return "\(shown)[\(count > 8 ? "\(count) numbers" : String(part[..<end]))\(part[end...])"
  }
  return .long(
    text,
    shown: short.replacing("\"", with: "").replacing(",", with: ", ").replacing(":", with: ": "))
}
