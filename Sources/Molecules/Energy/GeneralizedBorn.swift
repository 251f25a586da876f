import CKernels

/// The parameters of a generalized Born solvent with a surface-area term.
///
/// `U = −½ k Σ_ij q_i q_j (1/ε_in − exp(−κ f_ij)/ε_out)/f_ij + g Σ_i (R_i + 0.14 nm)² (R_i/B_i)⁶`,
/// Born radii `B` by the model. The equations stand in `CKernels/lanes_born.h` and `lanes_pairs.h`.
struct GeneralizedBorn {
  /// The radius of a water molecule, nm.
  private static let probe = 0.14

  let model: BornModel
  /// `κ`, nm⁻¹, and `ε_in/ε_out`.
  let inverseDebyeLength: Double
  let dielectricRatio: Double
  private let forceField: ForceField
  /// Screening factors, [atoms].
  private let screens: [Double]
  /// `α`, `β`, `γ` of the Born radius, [atoms].
  private let constants: [SIMD3<Double>]
  /// `k τ`, or `k/ε_in` with salt, kJ nm mol⁻¹ e⁻².
  private let strength: Double
  /// `g`, 4π times the surface tension, kJ mol⁻¹ nm⁻².
  private let tension: Double

  /// Nil for the model `none`.
  ///
  /// - Precondition: The force field names the elements of its atoms if the model asks for them.
  init?(_ forceField: ForceField, solvent: ImplicitSolvent) {
    guard let model = solvent.bornModel else { return nil }
    self.model = model
    self.forceField = forceField
    inverseDebyeLength = solvent.inverseDebyeLength
    dielectricRatio = solvent.soluteDielectric / solvent.solventDielectric
    tension = solvent.surfaceArea ? model.tension : 0
    strength =
      inverseDebyeLength > 0
      ? model.coulomb / solvent.soluteDielectric
      : model.coulomb * (1 / solvent.soluteDielectric - 1 / solvent.solventDielectric)
    let elements = forceField.elements
    if model.neckScale != nil {
      precondition(
        elements.count == forceField.atoms, "\(elements.count) elements, \(forceField.atoms) atoms")
      for radius in forceField.radii {
        precondition(BornModel.neckRadii.contains(radius), "a Born radius of \(radius) nm")
      }
    }
    switch model.curve {
    case .plain:
      screens = forceField.screens
      constants = [SIMD3<Double>](repeating: .zero, count: forceField.atoms)
    case .constants(let own):
      screens =
        model.neckScale == nil ? forceField.screens : elements.map(BornElement.gbnScreen)
      constants = [SIMD3<Double>](repeating: own, count: forceField.atoms)
    case .byElement:
      screens = elements.map { BornElement.gbn2($0).screen }
      constants = elements.map { BornElement.gbn2($0).constants }
    }
  }

  /// What the lanes need of each atom, [atoms].
  var atoms: [ck_born_atom] {
    forceField.charges.indices.map { atom in
      let (charge, radius) = (forceField.charges[atom], forceField.radii[atom])
      let (reduced, reach) = (radius - model.radiusOffset, radius + Self.probe)
      return ck_born_atom(
        radius: radius, reduced: reduced, scaled: screens[atom] * reduced,
        self_polarization: strength * charge * charge, surface_energy: tension * reach * reach,
        alpha: constants[atom].x, beta: constants[atom].y, gamma: constants[atom].z)
    }
  }

  /// The distance from which on neither atom's sphere touches the other atom, and both are far
  /// (`CK_FAR_RATIO`), nm.
  func reach(_ i: Int, _ j: Int) -> Double {
    let reduced = [i, j].map { forceField.radii[$0] - model.radiusOffset }
    let scaled = [abs(screens[i] * reduced[0]), abs(screens[j] * reduced[1])]
    return max(
      reduced[0] + scaled[1], reduced[1] + scaled[0], scaled[0] / CK_FAR_RATIO,
      scaled[1] / CK_FAR_RATIO)
  }

  /// `k τ q_i q_j`, or `k q_i q_j/ε_in` with salt, kJ nm/mol.
  func product(_ i: Int, _ j: Int) -> Double {
    strength * forceField.charges[i] * forceField.charges[j]
  }

  /// The neck between two atoms; nil in a model without necks.
  func neck(_ i: Int, _ j: Int) -> ck_neck? {
    guard let scale = model.neckScale else { return nil }
    let (own, other) = (forceField.radii[i], forceField.radii[j])
    let (first, second) = (Neck(of: own, beside: other), Neck(of: other, beside: own))
    return ck_neck(
      first_size: scale * first.size, first_distance: first.distance,
      second_size: scale * second.size, second_distance: second.distance,
      reach: own + other + Neck.reach)
  }
}
