import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// Langevin dynamics against what is known of it exactly.
struct DynamicsTests {
  /// Two atoms on a spring of no length: three harmonic oscillators of their relative motion, and
  /// free motion of the whole.
  private struct Spring {
    let stiffness = 500.0
    let masses = [3.0, 1.5]
    let energy: Energy

    init() {
      var forceField = ForceField(
        charges: [0, 0], lennardJonesTypes: [0, 0],
        lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)], exclusions: [SIMD2(0, 1)],
        radii: [0.15, 0.15], screens: [0.8, 0.8])
      forceField.bonds = [HarmonicBond(atoms: SIMD2(0, 1), length: 0, stiffness: stiffness)]
      energy = Energy(forceField, solvent: .vacuum)
    }

    /// Of the relative motion, u.
    var reducedMass: Double { masses[0] * masses[1] / (masses[0] + masses[1]) }
    var frequency: Double { (stiffness / reducedMass).squareRoot() }

    func dynamics(timeStep: Double, friction: Double) -> LangevinDynamics {
      LangevinDynamics(
        energy: energy, masses: masses, timeStep: timeStep, friction: friction, seed: 5)
    }
  }

  /// The distance of the two atoms of one walker after a time, without noise, from rest at `start`.
  private func distance(_ spring: Spring, start: Double, time: Double, steps: Int, friction: Double)
    -> Double
  {
    let timeStep = time / Double(steps)
    // The velocity half a step before the start: that of the exact motion.
    let early = damped(spring, start: start, time: -timeStep / 2, friction: friction).velocity
    let share = [spring.masses[1], -spring.masses[0]].map { $0 / spring.masses.reduce(0, +) }
    let padded = { (x: [Double]) in x.flatMap { [Double](repeating: $0, count: 8) } }
    var walkers = Walkers(
      atoms: 2, step: 0, thermalEnergies: [0], potentials: [0], kinetics: [0],
      positions: padded([0, share[0] * start, 0, 0, share[1] * start, 0]),
      velocities: padded([0, share[0] * early, 0, 0, share[1] * early, 0]))
    spring.dynamics(timeStep: timeStep, friction: friction)
      .advance(&walkers, steps: steps, execution: .serial)
    let x = walkers.centred(0)
    return x[1] - x[4]
  }

  /// `x'' = −ω² x − γ x'` from rest at `start`.
  private func damped(_ spring: Spring, start: Double, time: Double, friction: Double) -> (
    position: Double, velocity: Double
  ) {
    let rate = friction / 2
    let frequency = (spring.frequency * spring.frequency - rate * rate).squareRoot()
    let decay = start * exp(-rate * time)
    return (
      decay * (cos(frequency * time) + rate / frequency * sin(frequency * time)),
      -decay * spring.frequency * spring.frequency / frequency * sin(frequency * time)
    )
  }

  @Test(arguments: [0.0, 4.0])
  func `a damped oscillator moves as it should, with an error of second order`(friction: Double) {
    let spring = Spring()
    let time = 0.7
    let exact = damped(spring, start: 0.1, time: time, friction: friction).position
    let errors = [350, 700, 1400].map { steps in
      abs(distance(spring, start: 0.1, time: time, steps: steps, friction: friction) - exact)
    }
    #expect(errors[0] < 2e-4 && errors[0] > 1e-9)
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      #expect(abs(coarse / fine - 4) < 0.2, "\(errors)")
    }
  }

  @Test func `positions and velocities of oscillators are Boltzmann's at a coarse time step`() {
    let spring = Spring()
    // A twelfth of a period: the discretisation has no bias on harmonic positions.
    let timeStep = 2 * Double.pi / spring.frequency / 12
    let thermal = 2.5
    var walkers = Walkers(
      at: [SIMD3(0.05, 0, 0), .zero], masses: spring.masses,
      thermalEnergies: [Double](repeating: thermal, count: 64), seed: 3)
    let dynamics = spring.dynamics(timeStep: timeStep, friction: 0.3 / timeStep)
    dynamics.advance(&walkers, steps: 100, execution: Execution(workers: 2))
    var (potentials, kinetics): ([Double], [Double]) = ([], [])
    for _ in 0..<400 {
      // Longer than the memory of energies, 1/(2γ).
      dynamics.advance(&walkers, steps: 10, execution: Execution(workers: 2))
      potentials += walkers.potentials
      kinetics += walkers.kinetics
    }
    // Energies of n degrees of freedom: mean n kT/2, variance n (kT)²/2.
    for (energies, degrees) in [(potentials, 3.0), (kinetics, 6)] {
      let mean = energies.reduce(0, +) / Double(energies.count)
      let variance = energies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(energies.count)
      let error = thermal * (degrees / 2 / Double(energies.count)).squareRoot()
      #expect(abs(mean - degrees / 2 * thermal) < 5 * error, "\(mean)")
      #expect(abs(variance / (degrees / 2 * thermal * thermal) - 1) < 0.06, "\(variance)")
    }
  }

  private func alanine(_ name: String = "AL2", timeStep: Double, friction: Double) throws -> (
    dynamics: LangevinDynamics, start: [SIMD3<Double>]
  ) {
    let system = try GoldenSystem.named(name)
    let topology = try system.prmtop().topology
    return (
      LangevinDynamics(
        energy: try system.energy(), masses: try #require(topology.masses(hydrogen: nil)),
        timeStep: timeStep, friction: friction, seed: 9), try system.positions(frame: 0)
    )
  }

  @Test func `without friction the energy is kept, better with shorter steps`() throws {
    let (coarse, fine) = (
      try drift { try alanine(timeStep: $0, friction: 0) },
      try drift(timeStep: 0.00025) { try alanine(timeStep: $0, friction: 0) }
    )
    #expect(coarse < 3, "\(coarse)")
    #expect(fine < coarse / 4, "\(fine), \(coarse)")
  }

  @Test(arguments: [
    (ImplicitSolvent.Model.hct, 0), (.obc1, 0.8), (.obc2, 1.1), (.gbn, 0), (.gbn2, 1.1),
  ])
  func `with every solvent, salt and CMAP the energy is kept`(
    model: ImplicitSolvent.Model, kappa: Double
  ) throws {
    let peptide = try SolventCase.named("Ace-A-Nme")
    let energy = Energy(
      try peptide.forceField(model),
      solvent: ImplicitSolvent(model: model, inverseDebyeLength: kappa))
    let topology = try readPrmtop(path: peptide.topology).topology
    let start = try peptide.positions(frame: 0)
    func dynamics(_ timeStep: Double) -> (dynamics: LangevinDynamics, start: [SIMD3<Double>]) {
      let dynamics = LangevinDynamics(
        energy: energy, masses: topology.masses, timeStep: timeStep, friction: 0, seed: 9)
      return (dynamics, start)
    }
    let (coarse, fine) = (try drift(dynamics), try drift(timeStep: 0.00025, dynamics))
    #expect(coarse < 3, "\(coarse)")
    #expect(fine < coarse / 4, "\(fine), \(coarse)")
  }

  /// The largest change of the total, at half steps, over 0.1 ps.
  private func drift(
    timeStep: Double = 0.001,
    _ system: (Double) throws -> (dynamics: LangevinDynamics, start: [SIMD3<Double>])
  ) throws -> Double {
    let (dynamics, start) = try system(timeStep)
    var walkers = Walkers(
      at: start, masses: dynamics.masses,
      thermalEnergies: [Double](repeating: 2.5, count: 8), seed: 4)
    var totals: [[Double]] = []
    for _ in 0..<Int((0.1 / timeStep).rounded()) {
      let before = walkers.potentials
      dynamics.advance(&walkers, steps: 1, execution: .serial)
      // The kinetic energy belongs to the middle between the two positions.
      guard walkers.step > 1 else { continue }
      totals.append(
        (0..<8).map { (walkers.potentials[$0] + before[$0]) / 2 + walkers.kinetics[$0] })
    }
    return (0..<8).map { lane in
      let own = totals.map { $0[lane] }
      let (start, end) = (own.prefix(20).reduce(0, +) / 20, own.suffix(20).reduce(0, +) / 20)
      return abs(end - start)
    }.max() ?? .infinity
  }

  @Test func `the mean kinetic energy is that of the temperature`() throws {
    let (dynamics, start) = try alanine(timeStep: 0.001, friction: 20)
    let thermal = Constants.gas * 300
    var walkers = Walkers(
      at: start, masses: dynamics.masses,
      thermalEnergies: [Double](repeating: thermal, count: 16), seed: 2)
    var kinetics: [Double] = []
    for _ in 0..<40 {
      dynamics.advance(&walkers, steps: 25, execution: Execution(workers: 2))
      kinetics += walkers.kinetics
    }
    let mean = kinetics.reduce(0, +) / Double(kinetics.count)
    // 66 degrees of freedom; 25 steps leave 0.37 of an energy's correlation, which doubles the
    // variance of the mean.
    let error = thermal * (33 * 2.2 / Double(kinetics.count)).squareRoot()
    #expect(abs(mean - 33 * thermal) < 4.5 * error, "\(mean), expected \(33 * thermal) ± \(error)")
    expectClose([dynamics.temperature(kinetic: 33 * thermal)], [300], relative: 1e-12)
  }

  @Test func `workers and the division into calls change no bit, the seed does`() throws {
    let (dynamics, start) = try alanine(timeStep: 0.002, friction: 1)
    let fresh = Walkers(
      at: start, masses: dynamics.masses,
      thermalEnergies: (0..<19).map { 2.5 + 0.1 * Double($0) }, seed: 6)
    var whole = fresh
    dynamics.advance(&whole, steps: 12, execution: .serial)
    #expect(whole.step == 12 && whole.count == 19)
    #expect(Set(whole.potentials).count == 19)
    for pieces in [[12], [5, 7], [1, 1, 10]] {
      var walkers = fresh
      for steps in pieces {
        dynamics.advance(&walkers, steps: steps, execution: Execution(workers: 3))
      }
      #expect(walkers == whole)
    }
    // A walker's path is its own: another number of walkers beside it changes nothing.
    var few = Walkers(
      at: start, masses: dynamics.masses,
      thermalEnergies: (0..<3).map { 2.5 + 0.1 * Double($0) }, seed: 6)
    dynamics.advance(&few, steps: 12, execution: .serial)
    #expect(few.potentials == Array(whole.potentials.prefix(3)))
    let other = LangevinDynamics(
      energy: dynamics.energy, masses: dynamics.masses, timeStep: 0.002, friction: 1, seed: 10)
    var different = fresh
    other.advance(&different, steps: 12, execution: .serial)
    #expect(zip(different.potentials, whole.potentials).allSatisfy { $0 != $1 })
  }

  @Test func `the potential energy and the frame are those of the positions`() throws {
    let (dynamics, start) = try alanine("AL3", timeStep: 0.002, friction: 1)
    var walkers = Walkers(
      at: start, masses: dynamics.masses, thermalEnergies: [Double](repeating: 2.5, count: 9),
      seed: 1)
    dynamics.advance(&walkers, steps: 3, execution: .serial)
    for walker in [0, 8] {
      let x = walkers.centred(walker)
      for axis in 0..<3 {
        let sum = stride(from: axis, to: x.count, by: 3).reduce(0) { $0 + x[$1] }
        #expect(abs(sum) < 1e-12)
      }
      expectClose(
        [dynamics.energy.terms(coordinates: x, execution: .serial)[0].total],
        [walkers.potentials[walker]],
        absolute: 1e-9)
    }
  }

  @Test func `hydrogens take their mass from their partners`() throws {
    let topology = try GoldenSystem.named("AL3").prmtop().topology
    let masses = try #require(topology.masses(hydrogen: 3))
    expectClose([masses.reduce(0, +)], [topology.masses.reduce(0, +)], relative: 1e-14)
    for atom in 0..<topology.atoms {
      if topology.atomicNumbers[atom] == 1 { #expect(masses[atom] == 3) }
      #expect((masses[atom] <= topology.masses[atom]) == (topology.atomicNumbers[atom] != 1))
    }
    #expect(topology.masses(hydrogen: nil) == topology.masses)
    // A methyl carbon has 12 u to share with three hydrogens, and the ammonium nitrogen 14.
    #expect(topology.masses(hydrogen: 5) == nil)
  }

  @Test func `minimisation ends where there is no force`() throws {
    let system = try GoldenSystem.named("AL2")
    let energy = try system.energy()
    let start = try system.positions(frame: 24)
    let found = energy.minimum(from: start, tolerance: 20, steps: 3_000)
    #expect(found.isConverged)
    #expect(found.energy < energy.terms(start).total - 50)
    let forces = energy.termsAndForces(found.positions).forces
    #expect(forces.allSatisfy { abs($0.x) <= 20 && abs($0.y) <= 20 && abs($0.z) <= 20 })
  }
}
