/// How the solvent is treated: a generalized Born model with a surface-area term, or not at all.
package struct ImplicitSolvent: Equatable, Sendable {
  /// The way effective Born radii are computed.
  package enum Model: String, CaseIterable, Sendable {
    /// Onufriev, Bashford and Case's first set of constants, Amber's igb=2, as OpenMM's
    /// `CustomGBForce`.
    case obc1
    /// Their second set, Amber's igb=5, as OpenMM's `GBSAOBCForce`.
    case obc2
    /// Vacuum.
    case none
  }

  /// By how much intrinsic Born radii are reduced in both models, nm; Amber's and OpenMM's value.
  package static let radiusOffset = 0.009

  package var model: Model
  /// Relative permittivity of the solvent.
  package var solventDielectric: Double
  /// Relative permittivity inside the molecule; it enters the polarization only, as in OpenMM.
  package var soluteDielectric: Double
  /// Whether the surface-area term (ACE) is part of the energy.
  package var surfaceArea: Bool

  package init(
    model: Model, solventDielectric: Double = 78.5, soluteDielectric: Double = 1,
    surfaceArea: Bool = true
  ) {
    self.model = model
    self.solventDielectric = solventDielectric
    self.soluteDielectric = soluteDielectric
    self.surfaceArea = surfaceArea
  }

  /// No solvent.
  package static let vacuum = ImplicitSolvent(model: .none, surfaceArea: false)
}
