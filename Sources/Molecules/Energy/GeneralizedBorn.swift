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
    guard let model = solvent.bornModel else { return nil }
    constants = model.constants
    fillsInnerSphere = model.fillsInnerSphere
    self.forceField = forceField
    tension = solvent.surfaceArea ? model.tension : 0
    strength = model.coulomb * (1 / solvent.soluteDielectric - 1 / solvent.solventDielectric)
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

/// What distinguishes the models of Born radii.
package struct BornModel: Equatable, Sendable {
  /// `α`, `β`, `γ` of the Born radius.
  package let constants: SIMD3<Double>
  /// Whether an atom that lies wholly inside another one's sphere gets the volume of that sphere as
  /// well.
  package let fillsInnerSphere: Bool
  /// Coulomb's constant of the polarization, kJ nm mol⁻¹ e⁻².
  package let coulomb: Double
  /// `g` of the surface-area term, 4π times the surface tension, kJ mol⁻¹ nm⁻².
  package let tension: Double
}

extension ImplicitSolvent {
  /// The model of Born radii; nil in vacuum.
  ///
  /// The two forces of OpenMM differ in these constants, and the figures are theirs.
  package var bornModel: BornModel? {
    switch model {
    case .none: nil
    case .obc1:
      BornModel(
        constants: SIMD3(0.8, 0, 2.909125), fillsInnerSphere: false, coulomb: 138.935485,
        tension: 28.3919551)
    case .obc2:
      BornModel(
        constants: SIMD3(1, 0.8, 4.85), fillsInnerSphere: true, coulomb: Constants.coulomb,
        tension: 4 * Double.pi * 2.25936)
    }
  }
}
