import ArgumentParser
import Boltzmann
import Foundation
import Logging
import Molecules
import Reporting
import Trajectories

struct EnergyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "energy",
    abstract: "Energies of a trajectory's frames or of a structure, term by term, in kJ/mol.",
    discussion: "Impropers are counted under torsion, 1–4 parts under their kind.")

  @Option(
    help: ArgumentHelp(
      "The force field; the one that the system names by default.", valueName: "file.prmtop"))
  var topology: String?

  @Option(help: ArgumentHelp("The conformations, AMBER NetCDF or DCD.", valueName: "file.nc"))
  var trajectory: String?

  @Option(
    help: ArgumentHelp(
      "One conformation: an AMBER restart (.ncrst, .rst7), or a PDB file.", valueName: "file"))
  var structure: String?

  @Option(
    help: ArgumentHelp(
      "system.yaml with the implicit solvent, or a system's name or folder.", valueName: "system"))
  var system: String

  @Flag(
    help: """
      Print CSV: frame,bond,angle,torsion,lennard_jones,coulomb,polarization,surface_area,total; \
      with CMAP also cmap, before the total.
      """)
  var csv = false

  @Flag(help: "Print JSON: the columns as arrays.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write an AMBER trajectory with forces in kilocalorie/mole/angstrom.", valueName: "file.nc"))
  var forces: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  private typealias Column = (name: String, value: @Sendable (EnergyTerms) -> Double)
  private static let cmap: Column = ("cmap", { $0.correctionMap })
  private static let columns: [Column] = [
    ("bond", { $0.bond }), ("angle", { $0.angle }), ("torsion", { $0.torsion }),
    ("lennard_jones", { $0.lennardJones }), ("coulomb", { $0.coulomb }),
    ("polarization", { $0.polarization }), ("surface_area", { $0.surfaceArea }),
    ("total", { $0.total }),
  ]

  func validate() throws {
    if (trajectory == nil) == (structure == nil) {
      throw ValidationError("name a --trajectory or a --structure")
    }
    if csv, json { throw ValidationError("choose one of --csv and --json") }
  }

  func run() throws {
    try overwrite.check([forces])
    let molecule = try systems.read(system, topologyPath: topology)
    for note in molecule.prmtop.notes {
      shared.log.warning("\(topology ?? molecule.description.topology): \(note)")
    }
    // Energies of strained conformations are a fair question.
    let path = trajectory ?? structure ?? ""
    let frames =
      try trajectory == nil
      ? readStructure(path, of: molecule, log: shared.log)
      : readConformations(path, of: molecule, log: shared.log)
    if let strange = strangeBond(frames, of: molecule) {
      shared.log.warning("\(path): \(strange)")
    }
    let terms: [EnergyTerms]
    if let forces {
      let found = molecule.energy.termsAndForces(
        coordinates: frames.coordinates, execution: shared.execution)
      terms = found.terms
      try writeAmberTrajectory(
        frames, path: forces, programVersion: programVersion, title: molecule.description.name,
        forces: found.forces)
    } else {
      terms = molecule.energy.terms(coordinates: frames.coordinates, execution: shared.execution)
    }
    let hasMaps = !molecule.prmtop.forceField.correctedTorsions.isEmpty
    try show(terms, Self.columns.dropLast() + (hasMaps ? [Self.cmap] : []) + Self.columns.suffix(1))
  }

  private func show(_ terms: [EnergyTerms], _ columns: [Column]) throws {
    if json {
      let table = Dictionary(
        uniqueKeysWithValues: columns.map { column in (column.name, terms.map(column.value)) })
      return try printResult(try jsonText(table))
    }
    let names = ["frame"] + columns.map(\.name)
    func rows(_ text: (Double) -> String) -> [[String]] {
      terms.enumerated().map { frame, term in
        ["\(frame)"] + columns.map { text($0.value(term)) }
      }
    }
    if csv {
      let cells = rows { $0.isNaN ? "nan" : "\($0)" }
      return try printResult(csvText(columns: names, rows: cells))
    }
    if structure != nil {
      var table = TextTable([.init(.left), .init(.right, leastWidth: 14)])
      table.rows =
        [["term", "energy (kJ/mol)"]] + columns.map { [$0.name, $0.value(terms[0]).fixed(4)] }
      return try printResult(table.lines.map { $0 + "\n" }.joined())
    }
    var table = TextTable(names.map { _ in .init(.right, leastWidth: 14) }, separator: " ")
    table.rows = [names, [""] + columns.map { _ in "kJ/mol" }] + rows { $0.fixed(4) }
    try printResult(table.lines.map { $0 + "\n" }.joined())
  }
}
