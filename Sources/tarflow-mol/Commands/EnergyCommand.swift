import ArgumentParser
import Foundation
import Molecules
import Trajectories

struct EnergyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "energy",
    abstract: "Energies of the frames of a trajectory, term by term, in kJ/mol.",
    discussion: "Impropers are counted under torsion, 1–4 parts under their kind.")

  @Option(
    help: ArgumentHelp(
      "The force field; the one that the system names by default.", valueName: "file.prmtop"))
  var topology: String?

  @Option(help: ArgumentHelp("The conformations, AMBER NetCDF.", valueName: "file.nc"))
  var trajectory: String

  @Option(
    help: ArgumentHelp(
      "system.yaml with the implicit solvent, or a system's name or folder.", valueName: "system"))
  var system: String

  @Flag(
    help:
      "Print CSV: frame,bond,angle,torsion,lennard_jones,coulomb,polarization,surface_area,total.")
  var csv = false

  @Flag(help: "Print JSON: the columns as arrays.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write an AMBER trajectory with forces in kilocalorie/mole/angstrom.", valueName: "file.nc"))
  var forces: String?

  @Flag(help: "Replace the file of --forces if it is there.")
  var overwrite = false

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  private static let columns: [(name: String, value: @Sendable (EnergyTerms) -> Double)] = [
    ("bond", { $0.bond }), ("angle", { $0.angle }), ("torsion", { $0.torsion }),
    ("lennard_jones", { $0.lennardJones }), ("coulomb", { $0.coulomb }),
    ("polarization", { $0.polarization }), ("surface_area", { $0.surfaceArea }),
    ("total", { $0.total }),
  ]

  func validate() throws {
    if csv, json { throw ValidationError("choose one of --csv and --json") }
  }

  func run() throws {
    if let forces, !overwrite, FileManager.default.fileExists(atPath: forces) {
      throw CommandError.exists(path: forces, advice: "choose another file, or add --overwrite")
    }
    let isFile = system.hasSuffix(".yaml") || system.hasSuffix(".yml")
    let descriptionPath =
      isFile ? system : try findSystem(system, in: systems.systems) + "/system.yaml"
    let molecule = try MolecularSystem(descriptionPath: descriptionPath, topologyPath: topology)
    for note in molecule.prmtop.notes {
      shared.log.warning("\(topology ?? molecule.description.topology): \(note)")
    }
    // Energies of strained conformations are a fair question.
    let frames = try readConformations(trajectory, of: molecule, log: shared.log)
    if let strange = strangeBond(frames, system: molecule) {
      shared.log.warning("\(trajectory): \(strange)")
    }
    let terms: [EnergyTerms]
    if let forces {
      let found = molecule.energy.termsAndForces(
        coordinates: frames.coordinates, execution: shared.execution)
      terms = found.terms
      try writeAmberTrajectory(
        frames, path: forces, programVersion: TarflowMol.version, title: molecule.description.name,
        forces: found.forces)
    } else {
      terms = molecule.energy.terms(coordinates: frames.coordinates, execution: shared.execution)
    }
    try show(terms)
  }

  private func show(_ terms: [EnergyTerms]) throws {
    if json {
      let table = Dictionary(
        uniqueKeysWithValues: Self.columns.map { column in (column.name, terms.map(column.value)) })
      return try printResult(try tarflow_mol.json(table))
    }
    let names = ["frame"] + Self.columns.map(\.name)
    var lines = [csv ? names.joined(separator: ",") : aligned(names)]
    for (frame, term) in terms.enumerated() {
      let values = Self.columns.map { $0.value(term) }
      lines.append(
        csv
          ? (["\(frame)"] + values.map { "\($0)" }).joined(separator: ",")
          : aligned(["\(frame)"] + values.map { decimal($0, 4) }))
    }
    try printResult(lines.joined(separator: "\n") + "\n")
  }

  private func aligned(_ fields: [String]) -> String {
    fields.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined(separator: " ")
  }
}
