import Kernels
import Molecules
import TestSupport
import Testing

/// What comes out for a conformation depends on nothing but the conformation.
struct LaneTests {
  private static let systems = ["AL2", "AL3", "AL6"]

  @Test(arguments: systems)
  func `neither lane, batch size nor workers change a bit`(name: String) throws {
    let system = try GoldenSystem.named(name)
    let energy = try system.energy()
    let all = try system.values("positions")
    let width = 3 * energy.atoms
    let frames = all.count / width
    let whole = energy.termsAndForces(coordinates: all, execution: Execution(workers: 2))
    for (first, count) in [(0, 1), (1, 7), (3, 8), (5, 9), (11, frames - 11)] {
      let part = Array(all[first * width..<(first + count) * width])
      for workers in [1, 3] {
        let found = energy.termsAndForces(coordinates: part, execution: Execution(workers: workers))
        #expect(found.terms == Array(whole.terms[first..<first + count]))
        #expect(found.forces == Array(whole.forces[first * width..<(first + count) * width]))
        #expect(
          energy.terms(coordinates: part, execution: Execution(workers: workers)) == found.terms)
      }
    }
    // More groups than a task holds.
    let many = (0..<5).flatMap { _ in all }
    let repeated = energy.terms(coordinates: many, execution: Execution(workers: 2))
    #expect(repeated == (0..<5).flatMap { _ in whole.terms })
  }

  @Test(arguments: ImplicitSolvent.Model.allCases, [0, 1.1])
  func `with every solvent and CMAP lanes and kinds of CPU agree`(
    model: ImplicitSolvent.Model, kappa: Double
  ) throws {
    let peptide = try SolventCase.named("MRD")
    let (forceField, all) = (try peptide.forceField(model), try peptide.positions())
    let solvent = ImplicitSolvent(model: model, inverseDebyeLength: kappa)
    let energy = Energy(forceField, solvent: solvent)
    let best = energy.termsAndForces(coordinates: all, execution: Execution(workers: 2))
    let width = 3 * forceField.atoms
    for frame in [0, 13, 49] {
      let own = energy.termsAndForces(
        coordinates: Array(all[frame * width..<(frame + 1) * width]), execution: .serial)
      #expect(own.terms == [best.terms[frame]])
      #expect(own.forces == Array(best.forces[frame * width..<(frame + 1) * width]))
    }
    let quiet = 48
    for instructions in VectorInstructions.allCases.drop(while: { $0 != .best }).dropFirst() {
      let found = Energy(forceField, solvent: solvent, instructions: instructions)
        .termsAndForces(coordinates: Array(all[..<(quiet * width)]), execution: .serial)
      expectClose(
        found.terms.map(\.total), best.terms[..<quiet].map(\.total), absolute: 1e-9,
        relative: 1e-11, "\(instructions) energy")
      expectClose(
        found.forces, Array(best.forces[..<(quiet * width)]), absolute: 1e-7,
        "\(instructions) force")
    }
  }

  @Test(arguments: systems)
  func `every kind of CPU computes the same to 1e-12`(name: String) throws {
    let system = try GoldenSystem.named(name)
    let all = try system.values("positions")
    let (forceField, solvent) = (try system.prmtop().forceField, try system.solvent())
    let best = Energy(forceField, solvent: solvent).termsAndForces(
      coordinates: all, execution: Execution(workers: 2))
    for instructions in VectorInstructions.allCases.drop(while: { $0 != .best }).dropFirst() {
      let found = Energy(forceField, solvent: solvent, instructions: instructions)
        .termsAndForces(coordinates: all, execution: Execution(workers: 2))
      expectClose(
        found.terms.map(\.total), best.terms.map(\.total), absolute: 1e-10, relative: 1e-12,
        "\(instructions) energy")
      let largest = best.forces.map(abs).max() ?? 0
      expectClose(
        found.forces, best.forces, absolute: 1e-14 * largest, relative: 1e-10,
        "\(instructions) force")
    }
  }
}
