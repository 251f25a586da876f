import Foundation
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
  /// The largest change of an energy by the rounding of coordinates, kJ/mol, [frames].
  ///
  /// A coordinate of up to 50 Å in single precision is off by at most half of 2⁻¹⁸ Å; the energy by the sum over
  /// coordinates of force times that, to first order.
  private let rounding: [Double]

  init() throws {
    golden = try goldenFile("AL3")
    let frames = try goldenFrames("AL3")
    trajectory = try file(of: frames)
    let forces = try golden.doubles("forces").values
    let size = 3 * frames.atoms
    rounding = (0..<frames.frames).map { frame in
      (frame * size..<(frame + 1) * size).reduce(0) { sum, index in
        let stored = Double(Float(frames.coordinates[index] * 10)) / 10
        return sum + abs(forces[index] * (stored - frames.coordinates[index]))
      }
    }
  }

  private func arguments(_ more: String...) -> [String] {
    let system = systemsFolder.appending(path: "AL3").path
    return [
      "energy", "--topology", "\(system)/topology.prmtop", "--trajectory", trajectory.path,
      "--system", "\(system)/system.yaml",
    ] + more
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
        let expected = terms.reduce(0) { $0 + $1[frame] }
        let found = try #require(Double(rows[frame + 1][index + 1]))
        // Single terms pull against each other: their forces are larger than the total's. Measured: at most 4e-5
        // of the energy in the noise frames.
        let allowed = 1e-3 + 10 * rounding[frame] + 2e-5 * abs(expected)
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

  @Test func `the forces come back in AMBER's units`() throws {
    let path = try temporaryFolder().appending(path: "forces.nc")
    #expect(try Child(arguments("--csv", "--forces", path.path)).outcome().status == 0)
    let info = try inspectAmberTrajectory(path: path.path)
    let variable = try #require(info.variables.first { $0.name == "forces" })
    #expect(variable.units == "kilocalorie/mole/angstrom")
    #expect(variable.shape == [64, 33, 3])
    let found = try NetCDFFile(path: path.path).doubles("forces").values.map { $0 * 41.84 }
    let expected = try golden.doubles("forces").values
    // Frames of MD at the target temperature: a bond's force constant, 5e5 kJ/mol/nm², times a rounding of 2e-7 nm.
    expectClose(
      Array(found[..<(24 * 99)]), Array(expected[..<(24 * 99)]), absolute: 0.3, relative: 1e-6,
      "forces")
    #expect(try Child(arguments("--csv", "--forces", path.path)).outcome().status == 73)
  }
}
