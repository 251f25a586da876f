import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// Each term on two, three or four atoms, where the answer can be worked out by hand.
struct EnergyTermTests {
  private static let inert = LennardJones(repulsion: 0, attraction: 0)

  /// A force field without any term.
  private func blank(_ atoms: Int) -> ForceField {
    ForceField(
      charges: [Double](repeating: 0, count: atoms),
      lennardJonesTypes: [Int](repeating: 0, count: atoms), lennardJonesTable: [Self.inert],
      radii: [Double](repeating: 0.15, count: atoms),
      screens: [Double](repeating: 0.8, count: atoms))
  }

  private func evaluate(
    _ forceField: ForceField, _ positions: [SIMD3<Double>], _ solvent: ImplicitSolvent = .vacuum
  ) -> (terms: EnergyTerms, forces: [SIMD3<Double>]) {
    Energy(forceField, solvent: solvent).termsAndForces(positions)
  }

  @Test func `constants are those of CODATA 2018`() {
    expectClose(
      [Constants.gas, Constants.coulomb], [0.00831446261815324, 138.93545764438198],
      relative: 1e-14)
    // 332.0637 kcal Å/mol is what a prmtop's charges mean in OpenMM.
    expectClose(
      [Constants.coulomb / AmberUnits.energy / AmberUnits.length], [332.0637], absolute: 1e-4)
  }

  @Test func `a stretched bond pulls back`() {
    var forceField = blank(2)
    forceField.bonds = [HarmonicBond(atoms: SIMD2(0, 1), length: 0.1, stiffness: 1000)]
    let found = evaluate(forceField, [.zero, SIMD3(0.15, 0, 0)])
    expectClose([found.terms.bond, found.terms.total], [1.25, 1.25], absolute: 1e-12)
    expectClose([found.forces[0].x, found.forces[1].x], [50, -50], absolute: 1e-10)
  }

  @Test func `a right angle closes towards sixty degrees`() {
    var forceField = blank(3)
    forceField.angles = [
      HarmonicAngle(atoms: SIMD3(0, 1, 2), angle: Double.pi / 3, stiffness: 360)
    ]
    let found = evaluate(forceField, [SIMD3(0.1, 0, 0), .zero, SIMD3(0, 0.2, 0)])
    let bend = Double.pi / 6
    expectClose([found.terms.angle], [180 * bend * bend], absolute: 1e-10)
    // The torque k Δθ on each arm, divided by its length.
    expectClose(
      [found.forces[0].y, found.forces[2].x], [3600 * bend, 1800 * bend], absolute: 1e-8)
  }

  @Test(arguments: [0.0, Double.pi])
  func `an angle in line has an energy and no wild force`(equilibrium: Double) {
    var forceField = blank(3)
    forceField.angles = [
      HarmonicAngle(atoms: SIMD3(0, 1, 2), angle: equilibrium, stiffness: 2)
    ]
    let found = evaluate(forceField, [SIMD3(0.1, 0, 0), .zero, SIMD3(-0.2, 0, 0)])
    let bend = Double.pi - equilibrium
    expectClose([found.terms.angle], [bend * bend], absolute: 1e-12)
    #expect(found.forces.allSatisfy { $0 == .zero })
  }

  /// Positions whose dihedral is `angle`: seen along the z axis, the last arm is turned clockwise
  /// from the first.
  private func dihedral(_ angle: Double) -> [SIMD3<Double>] {
    [
      SIMD3(0.1, 0, 0), .zero, SIMD3(0, 0, 0.15),
      SIMD3(0.12 * cos(angle), 0.12 * sin(angle), 0.2),
    ]
  }

  @Test(arguments: [1, 2, 3, 4, 6], [-2.5, -1.0, 0.3, 2.0])
  func `a torsion is a cosine of the dihedral with its sign`(periodicity: Int, angle: Double) {
    for phase in [0, Double.pi, 0.7] {
      var forceField = blank(4)
      let torsion = Torsion(
        atoms: SIMD4(0, 1, 2, 3), periodicity: periodicity, phase: phase, barrier: 5)
      forceField.torsions = [torsion]
      var found = evaluate(forceField, dihedral(angle)).terms
      let expected = 5 * (1 + cos(Double(periodicity) * angle - phase))
      expectClose([found.properTorsion, found.total], [expected, expected], absolute: 1e-12)
      (forceField.torsions, forceField.impropers) = ([], [torsion])
      found = evaluate(forceField, dihedral(angle)).terms
      expectClose([found.improperTorsion, found.torsion], [expected, expected], absolute: 1e-12)
    }
  }

  @Test func `a changed phase is used`() {
    var torsion = Torsion(atoms: SIMD4(0, 1, 2, 3), periodicity: 1, phase: 0, barrier: 5)
    torsion.phase = 1.5
    var forceField = blank(4)
    forceField.torsions = [torsion]
    let found = evaluate(forceField, dihedral(0.4)).terms
    expectClose([found.torsion], [5 * (1 + cos(0.4 - 1.5))], absolute: 1e-12)
  }

  @Test func `three atoms in line have no dihedral and no force`() {
    var forceField = blank(4)
    forceField.torsions = [
      Torsion(atoms: SIMD4(0, 1, 2, 3), periodicity: 2, phase: Double.pi, barrier: 3)
    ]
    let found = evaluate(
      forceField, [SIMD3(0, 0, 0.1), .zero, SIMD3(0, 0, -0.1), SIMD3(0.1, 0, -0.2)])
    expectClose([found.terms.torsion], [0], absolute: 1e-12)
    #expect(found.forces.allSatisfy { $0 == .zero })
  }

  @Test func `Lennard-Jones has its minimum of minus epsilon at the sixth root of two sigma`() {
    let (epsilon, sigma) = (0.5, 0.3)
    var forceField = blank(2)
    forceField.lennardJonesTable = [
      LennardJones(repulsion: 4 * epsilon * pow(sigma, 12), attraction: 4 * epsilon * pow(sigma, 6))
    ]
    let lowest = evaluate(forceField, [.zero, SIMD3(0, sigma * pow(2, 1 / 6.0), 0)])
    expectClose([lowest.terms.lennardJones], [-epsilon], relative: 1e-12)
    expectClose([lowest.forces[1].y], [0], absolute: 1e-10)
    let zero = evaluate(forceField, [.zero, SIMD3(0, sigma, 0)])
    expectClose([zero.terms.lennardJones], [0], absolute: 1e-12)
    expectClose([zero.forces[1].y], [24 * epsilon / sigma], relative: 1e-12)
  }

  @Test func `opposite charges attract by Coulomb's law`() {
    var forceField = blank(2)
    forceField.charges = [0.5, -0.5]
    let found = evaluate(forceField, [.zero, SIMD3(0, 0, 0.25)])
    expectClose([found.terms.coulomb], [-Constants.coulomb], relative: 1e-13)
    expectClose([found.forces[1].z], [-4 * Constants.coulomb], relative: 1e-13)
  }

  @Test func `excluded pairs are silent and 1–4 pairs scaled`() {
    var forceField = blank(2)
    forceField.charges = [1, 1]
    forceField.lennardJonesTable = [LennardJones(repulsion: 1e-6, attraction: 0)]
    let positions = [SIMD3<Double>.zero, SIMD3(0.5, 0, 0)]
    let full = evaluate(forceField, positions).terms
    forceField.exclusions = [SIMD2(0, 1)]
    #expect(evaluate(forceField, positions).terms.total == 0)
    forceField.pairs14 = [Pair14(atoms: SIMD2(0, 1), lennardJonesScale: 0.5, coulombScale: 0.25)]
    let scaled = evaluate(forceField, positions).terms
    expectClose(
      [scaled.lennardJones14, scaled.coulomb14, scaled.total],
      [
        full.lennardJones / 2, full.coulomb / 4, full.lennardJones / 2 + full.coulomb / 4,
      ], relative: 1e-13)
    #expect(scaled.distantCoulomb == 0 && scaled.distantLennardJones == 0)
  }

  @Test func `atoms in one place have an energy that is not finite`() {
    var forceField = blank(2)
    forceField.lennardJonesTable = [LennardJones(repulsion: 1e-6, attraction: 1e-3)]
    #expect(evaluate(forceField, [.zero, .zero]).terms.total == .infinity)
    forceField.lennardJonesTable = [Self.inert]
    #expect(evaluate(forceField, [.zero, .zero]).terms.lennardJones == 0)
    forceField.charges = [0.4, 0.4]
    forceField.elements = [1, 6]
    for model in ImplicitSolvent.Model.allCases {
      let found = evaluate(forceField, [.zero, .zero], ImplicitSolvent(model: model))
      #expect(!found.terms.total.isFinite)
      #expect(found.terms.coulomb == .infinity)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
  func `no position traps`(value: Double) throws {
    let system = try GoldenSystem.named("AL2")
    var positions = try system.positions(frame: 0)
    positions[3].y = value
    let found = try system.energy().termsAndForces(positions)
    #expect(!found.terms.total.isFinite)
  }

  @Test func `frames are evaluated alike by any number of workers`() throws {
    let system = try GoldenSystem.named("AL3")
    let energy = try system.energy()
    let coordinates = Array(try system.values("positions").prefix(7 * 33 * 3))
    let one = energy.terms(coordinates: coordinates, execution: .serial)
    #expect(one.count == 7)
    #expect(energy.terms(coordinates: coordinates, execution: Execution(workers: 3)) == one)
    let (terms, forces) = energy.termsAndForces(
      coordinates: coordinates, execution: Execution(workers: 3))
    #expect(terms == one)
    let single = energy.termsAndForces(try system.positions(frame: 5))
    #expect(single.terms == one[5])
    #expect(Array(forces[5 * 99..<6 * 99]) == single.forces.flatMap { [$0.x, $0.y, $0.z] })
    #expect(energy.terms(coordinates: [], execution: Execution(workers: 2)).isEmpty)
  }
}
