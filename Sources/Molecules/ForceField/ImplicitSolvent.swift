/// How the solvent is treated: a generalized Born model with a surface-area term, or not at all.
package struct ImplicitSolvent: Equatable, Sendable {
  /// The way effective Born radii are computed.
  package enum Model: String, CaseIterable, Sendable {
    /// Hawkins, Cramer and Truhlar's model, Amber's igb=1.
    case hct
    /// Onufriev, Bashford and Case's first set of constants, Amber's igb=2.
    case obc1
    /// Their second set, Amber's igb=5.
    case obc2
    /// The model of Mongan et al. with necks between atoms, Amber's igb=7.
    case gbn
    /// That of Nguyen, Roe and Simmerling with necks and constants by element, Amber's igb=8.
    case gbn2
    /// Vacuum.
    case none
  }

  package var model: Model
  /// Relative permittivity of the solvent.
  package var solventDielectric: Double
  /// Relative permittivity inside the molecule; it enters the polarization only, as in OpenMM.
  package var soluteDielectric: Double
  /// Whether the surface-area term (ACE) is part of the energy.
  package var surfaceArea: Bool
  /// Debye and Hückel's `κ` of the dissolved salt, nm⁻¹; 0 without salt.
  package var inverseDebyeLength: Double

  package init(
    model: Model, solventDielectric: Double = 78.5, soluteDielectric: Double = 1,
    surfaceArea: Bool = true, inverseDebyeLength: Double = 0
  ) {
    precondition(inverseDebyeLength >= 0, "an inverse Debye length of \(inverseDebyeLength)")
    self.model = model
    self.solventDielectric = solventDielectric
    self.soluteDielectric = soluteDielectric
    self.surfaceArea = surfaceArea
    self.inverseDebyeLength = inverseDebyeLength
  }

  /// No solvent.
  package static let vacuum = ImplicitSolvent(model: .none, surfaceArea: false)

  /// The `κ` that Amber and OpenMM take for a salt of monovalent ions, nm⁻¹:
  /// `7.3 · 50.33355 √(c/(ε T))`.
  ///
  /// The factor 0.73 in it stands for the room that ions do not get into (Srinivasan et al. 1999,
  /// Theor. Chem. Acc. 101, 426).
  ///
  /// - Parameters:
  ///   - concentration: mol/l.
  ///   - dielectric: Relative permittivity of the solvent.
  ///   - temperature: K.
  package static func inverseDebyeLength(
    concentration: Double, dielectric: Double, temperature: Double
  ) -> Double {
    7.3 * 50.33355 * (concentration / dielectric / temperature).squareRoot()
  }
}
