import Foundation

/// The solvation of one molecule: the generalized Born polarization and the surface-area term.
///
/// `U = −½ k τ Σ_ij q_i q_j / f_ij` over all pairs (bonded ones as well) and `i = j`, with
/// `f² = r² + B_i B_j exp(−r²/(4 B_i B_j))` and `τ = 1/ε_in − 1/ε_out` (Still et al. 1990,
/// *J. Am. Chem. Soc.* 112, 6127).
struct GeneralizedBorn: Sendable {
  private let charges: [Double]
  private let radii: [Double]
  private let reducedRadii: [Double]
  private let scaledRadii: [Double]
  /// `k τ`, kJ nm mol⁻¹ e⁻².
  private let strength: Double
  private let born: BornRadius
  private let surface: SurfaceArea?

  /// Nil for the model `none`.
  init?(_ forceField: ForceField, solvent: ImplicitSolvent) {
    // The two forces of OpenMM differ in these constants; the figures are theirs.
    let (coulomb, tension): (Double, Double)
    switch solvent.model {
    case .none: return nil
    case .obc1:
      (coulomb, tension) = (138.935485, 28.3919551)
      born = BornRadius(constants: SIMD3(0.8, 0, 2.909125), fillsInnerSphere: false)
    case .obc2:
      (coulomb, tension) = (Constants.coulomb, 4 * Double.pi * 2.25936)
      born = BornRadius(constants: SIMD3(1, 0.8, 4.85), fillsInnerSphere: true)
    }
    charges = forceField.charges
    radii = forceField.radii
    let reduced = radii.map { $0 - BornRadius.offset }
    reducedRadii = reduced
    scaledRadii = zip(forceField.screens, reduced).map { $0 * $1 }
    strength = coulomb * (1 / solvent.soluteDielectric - 1 / solvent.solventDielectric)
    surface = solvent.surfaceArea ? SurfaceArea(tension: tension) : nil
  }

  /// Both energies, kJ/mol; adds the forces when they are wanted.
  ///
  /// The force has a part at fixed Born radii, and one through them: `−Σ_i ∂U/∂B_i dB_i/dI_i ∂I_i/∂x`.
  func energy(
    _ x: Positions, _ forces: Forces?
  ) -> (polarization: Double, surfaceArea: Double) {
    let integrals = BornIntegrals(x, reducedRadii, scaledRadii, born, slopes: forces != nil)
    var radiusSlopes = [Double](repeating: 0, count: charges.count)
    var bornRadii = radiusSlopes
    for atom in charges.indices {
      (bornRadii[atom], radiusSlopes[atom]) = born.radius(
        integral: integrals.values[atom], radius: radii[atom])
    }
    var (polarization, byRadius) = polarizationEnergy(x, bornRadii, forces)
    var area = 0.0
    for atom in charges.indices {
      let share = strength * charges[atom] * charges[atom] / bornRadii[atom]
      polarization -= 0.5 * share
      byRadius[atom] += 0.5 * share / bornRadii[atom]
      guard let surface else { continue }
      let term = surface.energy(radius: radii[atom], bornRadius: bornRadii[atom])
      area += term.value
      byRadius[atom] += term.derivative
    }
    if let forces {
      for atom in charges.indices { byRadius[atom] *= radiusSlopes[atom] }
      integrals.addForces(x, byIntegral: byRadius, forces)
    }
    return (polarization, area)
  }

  /// The energy of all pairs, kJ/mol, and its derivative by each Born radius, [atoms]; adds the forces at
  /// fixed radii when they are wanted.
  private func polarizationEnergy(
    _ x: Positions, _ bornRadii: [Double], _ forces: Forces?
  ) -> (energy: Double, byRadius: [Double]) {
    let atoms = charges.count
    var energy = 0.0
    var slopes = [Double](repeating: 0, count: atoms)
    slopes.withUnsafeMutableBufferPointer { slopes in
      charges.withUnsafeBufferPointer { charges in
        bornRadii.withUnsafeBufferPointer { radii in
          for i in 0..<atoms {
            let charge = strength * charges[i]
            for j in 0..<i {
              let separation = x[i] - x[j]
              let square = dot(separation, separation)
              let product = radii[i] * radii[j]
              let exponent = square / (4 * product)
              let damping = exp(-exponent)
              let inverse = 1 / (square + product * damping).squareRoot()
              let pair = charge * charges[j] * inverse
              energy -= pair
              guard let forces else { continue }
              let bySquare = 0.5 * pair * inverse * inverse
              let force = separation * (-2 * bySquare * (1 - 0.25 * damping))
              forces[i] += force
              forces[j] -= force
              let byProduct = bySquare * damping * (1 + exponent)
              slopes[i] += byProduct * radii[j]
              slopes[j] += byProduct * radii[i]
            }
          }
        }
      }
    }
    return (energy, slopes)
  }
}
