import Foundation
import Molecules
import TestSupport
import Testing

/// What holds for forces whatever the force field: they are the gradient, and leave the whole
/// alone.
struct ForceTests {
  /// One part of the energy at a time.
  enum Part: String, CaseIterable {
    case bond, angle, torsion, improper, lennardJones, pairs14, coulomb, polarization, surfaceArea
    case everything
  }

  private static let cases = ["AL2", "AL3"].flatMap { name in
    Part.allCases.map { (name, $0) }
  }

  @Test(arguments: cases)
  func `forces are minus the gradient`(name: String, part: Part) throws {
    let system = try GoldenSystem.named(name)
    let energy = try energy(system, part)
    var generator = SeededGenerator(state: 7)
    // One frame at the temperature of the data, one at 600 K, one with noise.
    for frame in [0, 24, 52] {
      let positions = try system.positions(frame: frame)
      let direction = positions.map { _ in generator.vector() }
      try expectGradient(energy, positions, direction, "\(name) \(part) frame \(frame)")
    }
  }

  @Test(arguments: SolventGoldenTests.cases, [0, 1.1])
  func `with every solvent, salt and CMAP, forces are minus the gradient`(
    peptide: (SolventCase, ImplicitSolvent.Model), kappa: Double
  ) throws {
    let energy = Energy(
      try peptide.0.forceField(peptide.1),
      solvent: ImplicitSolvent(model: peptide.1, inverseDebyeLength: kappa))
    var generator = SeededGenerator(state: 8)
    for frame in [0, 30, 50] {
      let positions = try peptide.0.positions(frame: frame)
      let direction = positions.map { _ in generator.vector() }
      try expectGradient(energy, positions, direction, "\(peptide) frame \(frame)")
    }
  }

  @Test(
    arguments: ImplicitSolvent.Model.allCases.dropLast(), [0.004, 0.012, 0.03, 0.1, 0.3])
  func `forces are minus the gradient where one atom lies inside another`(
    model: ImplicitSolvent.Model, distance: Double
  ) throws {
    let forceField = ForceField(
      charges: [0.3, -0.4], lennardJonesTypes: [0, 0],
      lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)], exclusions: [SIMD2(0, 1)],
      radii: [0.115, 0.19], screens: [0.85, 0.72], elements: [1, 6])
    let direction = [SIMD3(0.4, -0.1, 0.2), SIMD3(-0.5, 0.3, 0.1)]
    for kappa in [0, 1.1] {
      let energy = Energy(
        forceField, solvent: ImplicitSolvent(model: model, inverseDebyeLength: kappa))
      try expectGradient(
        energy, [.zero, SIMD3(0, 0.6, 0.8) * distance], direction, step: 1e-5,
        "\(model) \(distance) \(kappa)")
    }
  }

  @Test(arguments: ["AL2", "AL3"])
  func `forces and torques sum to zero`(name: String) throws {
    let system = try GoldenSystem.named(name)
    let energy = try system.energy()
    let positions = try system.positions(frame: 24)
    let forces = energy.termsAndForces(positions).forces
    var (force, torque) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
    for (x, f) in zip(positions, forces) {
      force += f
      torque += SIMD3(
        x.y * f.z - x.z * f.y, x.z * f.x - x.x * f.z, x.x * f.y - x.y * f.x)
    }
    let scale = forces.map(magnitude).max() ?? 0
    #expect(scale > 100)
    #expect(magnitude(force) < 1e-11 * scale)
    #expect(magnitude(torque) < 1e-11 * scale)
  }

  @Test(arguments: ["AL2", "AL3"], [1.0, -1.0])
  func `moving, turning and mirroring change nothing`(name: String, handedness: Double) throws {
    let system = try GoldenSystem.named(name)
    var forceField = try system.prmtop().forceField
    // The file writes π with nine digits, and a mirror sees the difference.
    for index in forceField.torsions.indices where forceField.torsions[index].phase != 0 {
      forceField.torsions[index].phase = .pi
    }
    for index in forceField.impropers.indices { forceField.impropers[index].phase = .pi }
    let energy = Energy(forceField, solvent: try system.solvent())
    let positions = try system.positions(frame: 24)
    let (terms, forces) = energy.termsAndForces(positions)
    // Two turns by angles that are not special, then perhaps a mirror.
    let (a, b) = (0.7, 2.1)
    let turn = { (v: SIMD3<Double>) in
      let w = SIMD3(cos(a) * v.x - sin(a) * v.y, sin(a) * v.x + cos(a) * v.y, v.z)
      return SIMD3(
        w.x * handedness, cos(b) * w.y - sin(b) * w.z, sin(b) * w.y + cos(b) * w.z)
    }
    let moved = positions.map { turn($0) + SIMD3(3, -1, 2) }
    let (movedTerms, movedForces) = energy.termsAndForces(moved)
    expectClose(values(movedTerms), values(terms), absolute: 1e-9, "terms")
    expectClose(
      movedForces.flatMap { [$0.x, $0.y, $0.z] },
      forces.map(turn).flatMap { [$0.x, $0.y, $0.z] }, absolute: 1e-7, "forces")
  }

  private func magnitude(_ vector: SIMD3<Double>) -> Double {
    (vector * vector).sum().squareRoot()
  }

  private func values(_ terms: EnergyTerms) -> [Double] {
    [
      terms.bond, terms.angle, terms.properTorsion, terms.improperTorsion, terms.lennardJones,
      terms.coulomb, terms.polarization, terms.surfaceArea,
    ]
  }

  /// Fourth-order differences along a direction against the scalar product with the forces.
  private func expectGradient(
    _ energy: Energy, _ positions: [SIMD3<Double>], _ direction: [SIMD3<Double>],
    step: Double = 2e-5, _ label: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let forces = energy.termsAndForces(positions).forces
    let at = { (multiple: Double) in
      energy.terms(zip(positions, direction).map { $0 + $1 * (multiple * step) }).total
    }
    let slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)
    let expected = zip(forces, direction).map { -($0 * $1).sum() }.reduce(0, +)
    let scale = zip(forces, direction).map { abs(($0 * $1).sum()) }.reduce(0, +)
    try #require(scale > 1e-4, "\(label): no force to speak of", sourceLocation: sourceLocation)
    // Rounding of the energy, and truncation where atoms almost touch.
    let tolerance = 1e-7 * scale + 1e-14 * abs(at(0)) / step
    expectClose([expected], [slope], absolute: tolerance, label, sourceLocation: sourceLocation)
  }

  /// The force field reduced to one part.
  private func energy(_ system: GoldenSystem, _ part: Part) throws -> Energy {
    let full = try system.prmtop().forceField
    var solvent = try system.solvent()
    if part == .everything { return Energy(full, solvent: solvent) }
    var reduced = ForceField(
      charges: full.charges.map { _ in 0 }, lennardJonesTypes: full.lennardJonesTypes,
      lennardJonesTable: full.lennardJonesTable.map { _ in LennardJones(repulsion: 0, attraction: 0)
      },
      radii: full.radii, screens: full.screens)
    if part != .surfaceArea && part != .polarization { solvent = .vacuum }
    switch part {
    case .bond: reduced.bonds = full.bonds
    case .angle: reduced.angles = full.angles
    case .torsion: reduced.torsions = full.torsions
    case .improper: reduced.impropers = full.impropers
    case .lennardJones:
      reduced.lennardJonesTable = full.lennardJonesTable
      reduced.exclusions = full.exclusions
    case .pairs14:
      reduced.lennardJonesTable = full.lennardJonesTable
      reduced.charges = full.charges
      reduced.exclusions = allPairs(full.atoms)
      reduced.pairs14 = full.pairs14
    case .coulomb:
      reduced.charges = full.charges
      reduced.exclusions = full.exclusions
    case .polarization:
      reduced.charges = full.charges
      reduced.exclusions = allPairs(full.atoms)
      solvent.surfaceArea = false
    case .surfaceArea, .everything: break
    }
    return Energy(reduced, solvent: solvent)
  }

  private func allPairs(_ atoms: Int) -> [SIMD2<Int32>] {
    (0..<Int32(atoms)).flatMap { i in (0..<i).map { SIMD2($0, i) } }
  }
}
