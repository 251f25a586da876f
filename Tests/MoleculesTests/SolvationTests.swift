import Foundation
import Molecules
import TestSupport
import Testing

/// The implicit solvent on one and two atoms.
struct SolvationTests {
  private func forceField(
    charges: [Double], radii: [Double], screens: [Double], elements: [Int] = []
  ) -> ForceField {
    ForceField(
      charges: charges, lennardJonesTypes: charges.map { _ in 0 },
      lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)],
      exclusions: charges.count > 1 ? [SIMD2(0, 1)] : [], radii: radii, screens: screens,
      elements: elements)
  }

  @Test(arguments: [
    (ImplicitSolvent.Model.obc1, 138.935485, 28.3919551),
    (.obc2, 138.93545764438198, 28.39195511125854),
  ])
  func `one ion has Born's energy`(
    model: ImplicitSolvent.Model, coulomb: Double, tension: Double
  ) {
    let ion = forceField(charges: [-0.8], radii: [0.15], screens: [0.85])
    let solvent = ImplicitSolvent(model: model, solventDielectric: 80, soluteDielectric: 2)
    let found = Energy(ion, solvent: solvent).terms([.zero])
    let factor = (1 / 2.0 - 1 / 80.0)
    expectClose(
      [found.polarization, found.surfaceArea],
      [
        -0.5 * coulomb * factor * 0.64 / 0.141, tension * 0.29 * 0.29 * pow(0.15 / 0.141, 6),
      ], relative: 1e-13)
  }

  @Test func `nothing is left when the solvent is like the solute, or there is none`() {
    let ions = forceField(charges: [1, -0.5], radii: [0.15, 0.17], screens: [0.8, 0.7])
    let positions = [SIMD3<Double>.zero, SIMD3(0.3, 0, 0)]
    let same = ImplicitSolvent(
      model: .obc2, solventDielectric: 1, soluteDielectric: 1, surfaceArea: false)
    #expect(Energy(ions, solvent: same).terms(positions).total == 0)
    let none = ImplicitSolvent(model: .none, surfaceArea: true)
    #expect(Energy(ions, solvent: none).terms(positions).total == 0)
  }

  /// `∫ ρ⁻² (covered share of the shell) dρ`, the integral that the closed form stands for, by
  /// Simpson's rule.
  private func integral(distance r: Double, from reduced: Double, scaled s: Double) -> Double {
    let (lower, upper) = (max(reduced, abs(r - s)), r + s)
    let steps = 2000
    let width = (upper - lower) / Double(steps)
    var sum = 0.0
    for step in 0...steps {
      let rho = lower + Double(step) * width
      let covered = 0.5 * (1 - (rho * rho + r * r - s * s) / (2 * rho * r))
      let weight = step == 0 || step == steps ? 1.0 : (step % 2 == 1 ? 4 : 2)
      sum += weight * covered / (rho * rho)
    }
    return sum * width / 3
  }

  @Test(arguments: [ImplicitSolvent.Model.hct, .obc1, .obc2], [0.01, 0.05, 0.12, 0.3])
  func `the Born radius follows from the volume that the other atom fills`(
    model: ImplicitSolvent.Model, distance: Double
  ) {
    // The second atom has no reach into the first one's radius but through its own sphere.
    let (radius, screen) = ([0.115, 0.19], [0.85, 0.72])
    let pair = forceField(charges: [0.6, 0], radii: radius, screens: screen)
    let solvent = ImplicitSolvent(model: model, solventDielectric: 78.5, surfaceArea: false)
    let found = Energy(pair, solvent: solvent).terms([.zero, SIMD3(0, distance, 0)])

    let (reduced, scaled) = (radius[0] - 0.009, screen[1] * (radius[1] - 0.009))
    var volume = integral(distance: distance, from: reduced, scaled: scaled)
    if model == .obc2 && scaled - distance > reduced {
      volume += 1 / reduced - 1 / (scaled - distance)
    }
    let psi = volume * reduced
    let level =
      model == .obc1
      ? 0.8 * psi + 2.909125 * pow(psi, 3) : psi - 0.8 * psi * psi + 4.85 * pow(psi, 3)
    let inverse = 1 / reduced - (model == .hct ? volume : tanh(level) / radius[0])
    let coulomb = model == .obc2 ? 138.93545764438198 : 138.935485
    expectClose(
      [found.polarization], [-0.5 * coulomb * (1 - 1 / 78.5) * 0.36 * inverse], relative: 1e-9)
  }

  /// H of 1.2 Å beside C of 1.7 Å: d and m of the hydrogen's neck, nm and nm⁻¹, from the table.
  @Test(arguments: [ImplicitSolvent.Model.gbn, .gbn2], [0.05, 0.12, 0.3, 0.9, 1.0])
  func `necks add to the volume`(model: ImplicitSolvent.Model, distance: Double) {
    let radius = [0.12, 0.17]
    let pair = forceField(charges: [0.6, 0], radii: radius, screens: [9, 9], elements: [1, 6])
    let solvent = ImplicitSolvent(model: model, surfaceArea: false)
    let found = Energy(pair, solvent: solvent).terms([.zero, SIMD3(0, distance, 0)])
    let isSecond = model == .gbn2
    let offset = isSecond ? 0.0195141 : 0.009
    let (reduced, screen) = (radius[0] - offset, isSecond ? 1.058554 : 0.48435382330)
    var volume = integral(
      distance: distance, from: reduced, scaled: screen * (radius[1] - offset))
    if distance < 0.12 + 0.17 + 0.68 {
      let off = distance - 0.315291
      volume +=
        (isSecond ? 0.826836 : 0.361825) * 0.361551 / (1 + 100 * off * off + 3e5 * pow(off, 6))
    }
    let constants =
      isSecond
      ? SIMD3(0.788440, 0.798699, 0.437334) : SIMD3(1.09511284, 1.907992938, 2.50798245)
    let psi = volume * reduced
    let level = constants.x * psi - constants.y * psi * psi + constants.z * pow(psi, 3)
    let inverse = 1 / reduced - tanh(level) / radius[0]
    expectClose(
      [found.polarization], [-0.5 * 138.935485 * (1 - 1 / 78.5) * 0.36 * inverse], relative: 1e-9)
  }

  @Test func `salt screens one ion by the Debye length`() {
    let ion = forceField(charges: [-0.8], radii: [0.15], screens: [0.85])
    for model in [ImplicitSolvent.Model.hct, .obc1, .obc2] {
      let solvent = ImplicitSolvent(
        model: model, solventDielectric: 80, soluteDielectric: 2, surfaceArea: false,
        inverseDebyeLength: 1.3)
      let factor = 1 / 2.0 - exp(-1.3 * 0.141) / 80
      expectClose(
        [Energy(ion, solvent: solvent).terms([.zero]).polarization],
        [-0.5 * 138.935485 * factor * 0.64 / 0.141], relative: 1e-13)
    }
  }

  @Test func `in salt far ions have Debye and Hückel's energy`() {
    let ions = forceField(charges: [1, -1], radii: [0.15, 0.15], screens: [0.8, 0.8])
    let solvent = ImplicitSolvent(
      model: .obc1, solventDielectric: 78.5, surfaceArea: false, inverseDebyeLength: 0.2)
    let energy = Energy(ions, solvent: solvent)
    let (near, far) = (
      energy.terms([.zero, SIMD3(50, 0, 0)]), energy.terms([.zero, SIMD3(100, 0, 0)])
    )
    let pair = { (r: Double) in 138.935485 * (1 - exp(-0.2 * r) / 78.5) / r }
    expectClose(
      [near.polarization - far.polarization], [pair(50) - pair(100)], relative: 1e-6)
  }

  @Test func `polarization of two far ions screens their Coulomb energy`() {
    let ions = forceField(charges: [1, 1], radii: [0.15, 0.15], screens: [0.8, 0.8])
    let solvent = ImplicitSolvent(model: .obc2, solventDielectric: 78.3, surfaceArea: false)
    let energy = Energy(ions, solvent: solvent)
    let (near, far) = (
      energy.terms([.zero, SIMD3(50, 0, 0)]), energy.terms([.zero, SIMD3(100, 0, 0)])
    )
    let factor = Constants.coulomb * (1 - 1 / 78.3)
    expectClose(
      [near.polarization - far.polarization], [-factor * (1 / 50.0 - 1 / 100.0)], relative: 1e-6)
  }
}
