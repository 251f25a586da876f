import Kernels
import Molecules
import TestSupport
import Testing

/// The forces that move walkers, which single precision is good enough for, against those of the
/// energy.
struct SinglePrecisionTests {
  /// The forces of conformations, kJ mol⁻¹ nm⁻¹, as one step from rest without friction shows them:
  /// `v = Δt f/m`.
  private func movingForces(_ energy: Energy, coordinates: [Double], workers: Int) -> [Double] {
    let (width, lanes) = (3 * energy.atoms, Energy.lanes)
    let frames = coordinates.count / width
    let size = (frames + lanes - 1) / lanes * width * lanes
    func place(_ frame: Int, _ index: Int) -> Int {
      (frame / lanes * width + index) * lanes + frame % lanes
    }
    var positions = [Double](repeating: 0, count: size)
    for lane in 0..<size / width {
      let frame = min(lane, frames - 1)
      for index in 0..<width {
        positions[place(lane, index)] = coordinates[frame * width + index]
      }
    }
    let none = [Double](repeating: 0, count: frames)
    var walkers = Walkers(
      atoms: energy.atoms, step: 0, thermalEnergies: none, potentials: none, kinetics: none,
      positions: positions, velocities: [Double](repeating: 0, count: size))
    let timeStep = 1e-3
    LangevinDynamics(
      energy: energy, masses: [Double](repeating: 1, count: energy.atoms), timeStep: timeStep,
      friction: 0, seed: 1
    ).advance(&walkers, steps: 1, execution: Execution(workers: workers))
    return (0..<frames).flatMap { frame in
      (0..<width).map { walkers.velocities[place(frame, $0)] / timeStep }
    }
  }

  /// Expects of every conformation a root mean square difference of 3e-6 of that of the force.
  private func expectForces(
    _ forceField: ForceField, _ solvent: ImplicitSolvent, _ coordinates: [Double], _ name: String
  ) {
    let width = 3 * forceField.atoms
    let exact = Energy(forceField, solvent: solvent)
      .termsAndForces(coordinates: coordinates, execution: Execution(workers: 2)).forces
    // A molecule may have wandered far.
    let away = coordinates.enumerated().map { $1 + [20, -30, 10][$0 % 3] }
    for instructions in VectorInstructions.allCases.drop(while: { $0 != .best }) {
      let energy = Energy(forceField, solvent: solvent, instructions: instructions)
      // By two groups at once and one by one; by two of conformations and one that is alone.
      let found = movingForces(energy, coordinates: coordinates, workers: 1)
      #expect(found == movingForces(energy, coordinates: coordinates, workers: 64))
      for forces in [found, movingForces(energy, coordinates: away, workers: 1)] {
        for frame in 0..<coordinates.count / width {
          let own = frame * width..<(frame + 1) * width
          let difference = zip(forces[own], exact[own]).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
          }
          let square = exact[own].reduce(0) { $0 + $1 * $1 }
          #expect(
            (difference / square).squareRoot() < 3e-6, "\(name), \(instructions), frame \(frame)")
        }
      }
    }
  }

  @Test(arguments: ["AL2", "AL3", "AL4", "AL6", "CLN"])
  func `walkers move by the forces of the energy`(name: String) throws {
    let system = try GoldenSystem.named(name)
    let forceField = try system.prmtop().forceField
    expectForces(
      forceField, try system.solvent(),
      Array(try system.values("positions").prefix(20 * 3 * forceField.atoms)), name)
  }

  @Test(arguments: ImplicitSolvent.Model.allCases, [0, 1.1])
  func `in every solvent, with salt and CMAP`(
    model: ImplicitSolvent.Model, kappa: Double
  ) throws {
    let peptide = try SolventCase.named("MRD")
    let forceField = try peptide.forceField(model)
    expectForces(
      forceField, ImplicitSolvent(model: model, inverseDebyeLength: kappa),
      Array(try peptide.positions().prefix(20 * 3 * forceField.atoms)), "\(model)")
  }
}
