import Boltzmann
import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// `energy` against OpenMM's energies of the same conformations.
@Suite struct EnergyCommandTests {
  private static let columns = [
    ("bond", ["E_bond"]), ("angle", ["E_angle"]), ("torsion", ["E_torsion", "E_improper"]),
    ("lennard_jones", ["E_lj", "E_lj14"]), ("coulomb", ["E_coul", "E_coul14"]),
    ("polarization", ["E_gbpol"]), ("surface_area", ["E_sa"]), ("total", ["E_total"]),
  ]

  private let trajectory: URL
  private let golden: NetCDFFile
  /// What rounding the coordinates to single precision in ångström, as the file holds them, does to
  /// the energies and forces: kJ/mol, [frames]; kJ/mol/nm, [frames, atoms, 3].
  private let rounding: (terms: [[Double]], forces: [Double])

  init() throws {
    golden = try goldenFile("AL3")
    let frames = try goldenFrames("AL3")
    trajectory = try file(of: frames)
    let energy = try MolecularSystem(folder: systemsFolder.appending(path: "AL3").path).energy
    let exact = energy.termsAndForces(
      coordinates: frames.coordinates, execution: Execution(workers: 2))
    let stored = energy.termsAndForces(
      coordinates: frames.coordinates.map { Double(Float($0 * 10)) / 10 },
      execution: Execution(workers: 2))
    rounding = (
      zip(exact.terms, stored.terms).map { zip(Self.values($0), Self.values($1)).map { $1 - $0 } },
      zip(exact.forces, stored.forces).map { $1 - $0 }
    )
  }

  private static func values(_ terms: EnergyTerms) -> [Double] {
    [
      terms.bond, terms.angle, terms.torsion, terms.lennardJones, terms.coulomb,
      terms.polarization, terms.surfaceArea, terms.total,
    ]
  }

  private func arguments(_ more: String...) -> [String] {
    let system = systemsFolder.appending(path: "AL3").path
    return [
      "energy", "--topology", "\(system)/topology.prmtop", "--trajectory", trajectory.path,
      "--system", "\(system)/system.yaml",
    ] + more
  }

  @Test func `CMAP has a column, and salt and GBn2 are in system.yaml`() throws {
    let system = try temporaryFolder()
    let golden = goldenFolder.appending(path: "solvents/Ace-A-Nme")
    let topology = golden.appending(path: "topology.prmtop")
    let found = try NetCDFFile(path: golden.appending(path: "energies.nc").path)
    try """
    name: X
    topology: \(topology.path)
    temperature: 310
    implicit_solvent: {model: gbn2, salt_concentration: 0.15}

    """.write(to: system.appending(path: "system.yaml"), atomically: true, encoding: .utf8)
    let positions = try found.doubles("positions")
    let frames = Trajectory(
      atoms: positions.shape[1], coordinates: positions.values.map { $0 / 10_000 })
    let outcome = try tarflowMol(
      "energy", "--system", system.path, "--csv", "--quiet", "--trajectory",
      try file(of: frames).path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let rows = outcome.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows[0].suffix(4) == ["polarization", "surface_area", "cmap", "total"])
    let polarization = try found.doubles("gbn2_pol").values
    let cmap = try found.doubles("E_cmap").values
    let frame = 5
    // Single precision in the trajectory.
    expectClose(
      [Double(rows[frame + 1][6]) ?? .nan, Double(rows[frame + 1][8]) ?? .nan],
      [polarization[64 + frame], cmap[frame]], absolute: 1e-3)
  }

  @Test func `the columns are OpenMM's terms`() throws {
    let outcome = try Child(arguments("--csv")).outcome()
    #expect(outcome.status == 0)
    let rows = outcome.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows[0].map(String.init) == ["frame"] + Self.columns.map(\.0))
    #expect(rows.count == 65)
    for (index, column) in Self.columns.enumerated() {
      let terms = try column.1.map { try golden.doubles($0).values }
      for frame in 0..<64 {
        let expected = terms.reduce(rounding.terms[frame][index]) { $0 + $1[frame] }
        let found = try #require(Double(rows[frame + 1][index + 1]))
        // OpenMM's Lennard-Jones 1–4 of the noise frames, 48 on, is exact to 1e-5.
        let relative = frame < 48 ? 1e-6 : 1e-5
        let allowed = max(1e-3, relative * abs(expected))
        #expect(abs(found - expected) <= allowed, "\(column.0), frame \(frame)")
      }
    }
    let json = try Child(arguments("--json")).outcome()
    let table = try JSONDecoder().decode([String: [Double]].self, from: Data(json.output.utf8))
    #expect(Set(table.keys) == Set(Self.columns.map(\.0)))
    for (index, column) in Self.columns.enumerated() {
      #expect(table[column.0] == rows.dropFirst().compactMap { Double($0[index + 1]) })
    }
  }

  @Test func `a single structure is a restart or a PDB file`() throws {
    let system = systemsFolder.appending(path: "AL3")
    let folder = try temporaryFolder()
    let restart = system.appending(path: "start.ncrst").path
    let molecule = try MolecularSystem(folder: system.path)
    let start = try readAmberRestart(path: restart)
    let pdb = folder.appending(path: "start.pdb")
    try Data(pdbText(molecule.topology, positions: start).utf8).write(to: pdb)
    let exact = molecule.energy.terms(start)
    func terms(_ structure: String) throws -> [Double] {
      let outcome = try tarflowMol(
        "energy", "--system", system.path, "--structure", structure)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines[0].contains("term") && lines[0].contains("energy (kJ/mol)"))
      #expect(outcome.errors.contains("rounded to 0.001 Å") == structure.hasSuffix(".pdb"))
      return lines.dropFirst().compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    }
    // Four decimals; and what rounding to 0.001 Å does to stiff bonds.
    expectClose(try terms(restart), Self.values(exact), absolute: 5.1e-5)
    expectClose(try terms(pdb.path), Self.values(exact), absolute: 1)
    let both = try tarflowMol(
      "energy", "--system", system.path, "--structure", restart, "--trajectory", "x.nc")
    #expect(both.status == 64)
    let other = try tarflowMol(
      "energy", "--system", "AL2", "--systems", systemsFolder.path, "--structure", pdb.path)
    #expect(other.status == 65)
    #expect(
      other.errors.contains("ALA 1 has no atom HH31 of the topology's ACE"), "\(other.errors)")
  }

  @Test func `the table for people has the unit of its columns`() throws {
    let lines = try Child(arguments("--quiet")).outcome().output.split(separator: "\n")
    #expect(lines[1].split(separator: " ") == Self.columns.map { _ in "kJ/mol" })
    #expect(lines.count == 66)
  }

  @Test func `the forces come back in AMBER's units`() throws {
    let path = try temporaryFolder().appending(path: "forces.nc")
    #expect(try Child(arguments("--csv", "--forces", path.path)).outcome().status == 0)
    let info = try inspectAmberTrajectory(path: path.path)
    let variable = try #require(info.variables.first { $0.name == "forces" })
    #expect(variable.units == "kilocalorie/mole/angstrom")
    #expect(variable.shape == [64, 33, 3])
    let found = try NetCDFFile(path: path.path).doubles("forces").values.map { $0 * 41.84 }
    let expected = zip(try golden.doubles("forces").values, rounding.forces).map { $0 + $1 }
    // 1e-6 is ten roundings of a force to single precision.
    let quiet = 48 * 99
    expectClose(
      Array(found[..<quiet]), Array(expected[..<quiet]), absolute: 1e-2, relative: 1e-6, "forces")
    expectClose(
      Array(found[quiet...]), Array(expected[quiet...]), absolute: 1e-2, relative: 1e-5,
      "forces of the noise frames")
    #expect(try Child(arguments("--csv", "--forces", path.path)).outcome().status == 73)
  }
}
