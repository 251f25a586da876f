import CKernels

/// The parameters of a generalized Born solvent with a surface-area term.
///
/// `U = −½ k τ Σ_ij q_i q_j / f_ij + g Σ_i (R_i + 0.14 nm)² (R_i/B_i)⁶`, `τ = 1/ε_in − 1/ε_out`;
/// Born radii `B` by Onufriev, Bashford and Case. The equations stand in `CKernels/lanes_born.h`
/// and `lanes_pairs.h`.
struct GeneralizedBorn {
  /// The radius of a water molecule, nm.
  private static let probe = 0.14

  /// `α`, `β`, `γ` of the Born radius.
  let constants: SIMD3<Double>
  /// Whether an atom that lies wholly inside another one's sphere gets the volume of that sphere as
  /// well.
  ///
  /// OpenMM's `GBSAOBCForce` does so and its `CustomGBForce` does not. Only atoms within some 0.02
  /// nm of each other lie so.
  let fillsInnerSphere: Bool
  private let forceField: ForceField
  /// `k τ`, kJ nm mol⁻¹ e⁻².
  private let strength: Double
  /// `g`, 4π times the surface tension, kJ mol⁻¹ nm⁻².
  private let tension: Double

  /// Nil for the model `none`.
  init?(_ forceField: ForceField, solvent: ImplicitSolvent) {
    // The two forces of OpenMM differ in these constants; the figures are theirs.
    let (coulomb, tension): (Double, Double)
    switch solvent.model {
    case .none: return nil
    case .obc1:
      (coulomb, tension) = (138.935485, 28.3919551)
      (constants, fillsInnerSphere) = (SIMD3(0.8, 0, 2.909125), false)
    case .obc2:
      (coulomb, tension) = (Constants.coulomb, 4 * Double.pi * 2.25936)
      (constants, fillsInnerSphere) = (SIMD3(1, 0.8, 4.85), true)
    }
    self.forceField = forceField
    self.tension = solvent.surfaceArea ? tension : 0
    strength = coulomb * (1 / solvent.soluteDielectric - 1 / solvent.solventDielectric)
  }

  /// What the lanes need of each atom, [atoms].
  var atoms: [ck_born_atom] {
    forceField.charges.indices.map { atom in
      let (charge, radius) = (forceField.charges[atom], forceField.radii[atom])
      let (reduced, reach) = (radius - ImplicitSolvent.radiusOffset, radius + Self.probe)
      return ck_born_atom(
        radius: radius, reduced: reduced, scaled: forceField.screens[atom] * reduced,
        self_polarization: strength * charge * charge, surface_energy: tension * reach * reach)
    }
  }

  /// The distance from which on neither atom's sphere touches the other atom, and both are far
  /// (`CK_FAR_RATIO`), nm.
  func reach(_ i: Int, _ j: Int) -> Double {
    let reduced = [i, j].map { forceField.radii[$0] - ImplicitSolvent.radiusOffset }
    let scaled = [forceField.screens[i] * reduced[0], forceField.screens[j] * reduced[1]]
    return max(
      reduced[0] + scaled[1], reduced[1] + scaled[0], scaled[0] / CK_FAR_RATIO,
      scaled[1] / CK_FAR_RATIO)
  }

  /// `k τ q_i q_j`, kJ nm/mol.
  func product(_ i: Int, _ j: Int) -> Double {
    strength * forceField.charges[i] * forceField.charges[j]
  }
}
