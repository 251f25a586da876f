import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// The models of the solvent, salt, and CMAP against OpenMM's Reference platform, on five peptides in
/// ff19SB.
struct SolventGoldenTests {
  /// Those of `GoldenEnergyTests`.
  private static let energyTolerance = (absolute: 1e-3, relative: 1e-6)
  private static let forceTolerance = (absolute: 1e-2, relative: 1e-6)

  static let cases = SolventCase.all.flatMap { peptide in
    ImplicitSolvent.Model.allCases.filter { $0 != .none }.map { (peptide, $0) }
  }

  @Test func `the repository has cases`() {
    #expect(SolventCase.all.count == 5)
  }

  @Test(arguments: cases)
  func `polarization, surface area and forces are OpenMM's, with and without salt`(
    peptide: SolventCase, model: ImplicitSolvent.Model
  ) throws {
    let field = try peptide.forceField(model)
    var solvation = field
    // Only the solvent is left.
    (solvation.bonds, solvation.angles, solvation.torsions) = ([], [], [])
    (solvation.impropers, solvation.pairs14, solvation.correctedTorsions) = ([], [], [])
    solvation.lennardJonesTable = field.lennardJonesTable.map { _ in
      LennardJones(repulsion: 0, attraction: 0)
    }
    solvation.exclusions = (0..<Int32(field.atoms)).flatMap { i in (0..<i).map { SIMD2($0, i) } }
    let positions = try peptide.positions()
    let frames = try peptide.values("noise_sd").count
    let (polarization, surface) = (
      try peptide.values("\(model)_pol"), try peptide.values("\(model)_sa")
    )
    let forces = try peptide.values("\(model)_forces")
    let concentrations = try peptide.values("salt")
    let size = 3 * field.atoms
    for (index, kappa) in try peptide.values("kappa").enumerated() {
      let found = ImplicitSolvent.inverseDebyeLength(
        concentration: concentrations[index], dielectric: 78.5,
        temperature: try peptide.values("temperature")[0])
      expectClose([found], [kappa], relative: 1e-14, "κ")
      let solvent = ImplicitSolvent(model: model, inverseDebyeLength: kappa)
      let (terms, all) = Energy(solvation, solvent: solvent).termsAndForces(
        coordinates: positions, execution: Execution(workers: 2))
      let label = "\(peptide.name) \(model), κ = \(kappa)"
      let range = index * frames..<(index + 1) * frames
      expectClose(
        terms.map(\.polarization), Array(polarization[range]), within: Self.energyTolerance,
        "\(label): polarization")
      expectClose(
        terms.map(\.surfaceArea), Array(surface[range]), within: Self.energyTolerance,
        "\(label): surface area")
      let forced = try peptide.values("forced").map { Int($0) }
      let start = index * forced.count * size
      expectClose(
        forced.flatMap { all[$0 * size..<($0 + 1) * size] },
        Array(forces[start..<start + forced.count * size]), within: Self.forceTolerance,
        "\(label): forces")
    }
  }

  @Test(arguments: SolventCase.all)
  func `CMAP and the other terms are OpenMM's`(peptide: SolventCase) throws {
    let field = try peptide.forceField(.none)
    #expect(field.correctedTorsions.count >= 1)
    let (terms, all) = Energy(field, solvent: .vacuum).termsAndForces(
      coordinates: try peptide.positions(), execution: Execution(workers: 2))
    for (name, value): (String, (EnergyTerms) -> Double) in [
      ("bond", \.bond), ("angle", \.angle), ("torsion", \.torsion), ("cmap", \.correctionMap),
      ("nonbonded", { $0.lennardJones + $0.coulomb }),
    ] {
      // Overlapping atoms reach 1e7 kJ/mol, and the file's numbers have nine digits.
      let relative = name == "nonbonded" ? 1e-5 : Self.energyTolerance.relative
      expectClose(
        terms.map(value), try peptide.values("E_\(name)"), within: (1e-3, relative),
        "\(peptide.name) \(name)")
    }
    let sums = terms.map { $0.bond + $0.angle + $0.torsion + $0.lennardJones + $0.coulomb }
    #expect(zip(terms, sums).allSatisfy { abs($0.total - $1 - $0.correctionMap) < 1e-6 })
    var map = field
    (map.bonds, map.angles, map.torsions, map.impropers, map.pairs14) = ([], [], [], [], [])
    map.charges = map.charges.map { _ in 0 }
    map.lennardJonesTable = map.lennardJonesTable.map { _ in
      LennardJones(repulsion: 0, attraction: 0)
    }
    let own = Energy(map, solvent: .vacuum).termsAndForces(
      coordinates: try peptide.positions(), execution: Execution(workers: 2))
    #expect(own.terms.map(\.total) == terms.map(\.correctionMap))
    let size = 3 * field.atoms
    for (name, found) in [("cmap", own.forces), ("vacuum", all)] {
      let forced = try peptide.values("forced").map { Int($0) }
      expectClose(
        forced.flatMap { found[$0 * size..<($0 + 1) * size] },
        try peptide.values("forces_\(name)"), within: Self.forceTolerance,
        "\(peptide.name) \(name) forces")
    }
  }
}

/// One peptide of Tests/Golden/solvents.
struct SolventCase: Sendable, CustomTestStringConvertible {
  var name: String

  var testDescription: String { name }
  private static let folder = goldenFolder.appending(path: "solvents")

  static let all: [SolventCase] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map(SolventCase.init).filter {
      FileManager.default.fileExists(atPath: $0.topology)
    }
  }()

  static func named(_ name: String) throws -> SolventCase {
    try #require(all.first { $0.name == name })
  }

  var topology: String { Self.folder.appending(path: "\(name)/topology.prmtop").path }

  func values(_ variable: String) throws -> [Double] {
    let path = Self.folder.appending(path: "\(name)/energies.nc").path
    return try NetCDFFile(path: path).doubles(variable).values
  }

  /// nm, [frames, atoms, 3].
  func positions() throws -> [Double] { try values("positions").map { $0 / 10_000 } }

  /// nm, [atoms].
  func positions(frame: Int) throws -> [SIMD3<Double>] {
    let all = try positions()
    let size = all.count / (try values("noise_sd").count)
    return vectors(all[frame * size..<(frame + 1) * size])
  }

  /// With the radius set of the model.
  func forceField(_ model: ImplicitSolvent.Model) throws -> ForceField {
    var field = try readPrmtop(path: topology, model: ImplicitSolvent.Model.none).forceField
    guard let set = model.radiusSet else { return field }
    field.radii = try values("radii_\(set)")
    field.screens = try readPrmtop(path: topology).forceField.screens
    return field
  }
}

/// Expects elements within the larger of both tolerances, or that both are no numbers.
private func expectClose(
  _ found: [Double], _ expected: [Double], within tolerance: (absolute: Double, relative: Double),
  _ label: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(label)", sourceLocation: sourceLocation)
  var (worst, place) = (0.0, 0)
  for (index, (a, b)) in zip(found, expected).enumerated() where a.isFinite || b.isFinite {
    let excess = abs(a - b) / max(tolerance.absolute, tolerance.relative * abs(b))
    if !(excess <= worst) { (worst, place) = (excess.isNaN ? .infinity : excess, index) }
  }
  #expect(
    worst <= 1, "\(label)[\(place)]: \(found[place]), expected \(expected[place])",
    sourceLocation: sourceLocation)
}
