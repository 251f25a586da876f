/// What distinguishes the models of Born radii.
package struct BornModel: Equatable, Sendable {
  /// How the Born radius follows from the integral, `1/B = 1/ρ − tanh(α ψ − β ψ² + γ ψ³)/R`.
  package enum Curve: Equatable, Sendable {
    /// Not so, but `1/B = 1/ρ − I`.
    case plain
    /// With these `α`, `β`, `γ`.
    case constants(SIMD3<Double>)
    /// With those of GBn2 for each element.
    case byElement
  }

  /// By how much intrinsic Born radii are reduced, nm; Amber's and OpenMM's value.
  package let radiusOffset: Double
  package let curve: Curve
  /// What the integrals of the necks are multiplied by; nil in a model without necks.
  package let neckScale: Double?
  /// Whether an atom that lies wholly inside another one's sphere gets the volume of that sphere as
  /// well.
  package let fillsInnerSphere: Bool
  /// Coulomb's constant of the polarization, kJ nm mol⁻¹ e⁻².
  package let coulomb: Double
  /// `g` of the surface-area term, 4π times the surface tension, kJ mol⁻¹ nm⁻².
  package let tension: Double

  /// As in OpenMM's `CustomGBForce`.
  fileprivate init(offset: Double = 0.009, _ curve: Curve, neckScale: Double? = nil) {
    radiusOffset = offset
    self.curve = curve
    self.neckScale = neckScale
    fillsInnerSphere = false
    coulomb = 138.935485
    tension = 28.3919551
  }

  /// As in OpenMM's `GBSAOBCForce`.
  fileprivate init(builtIn constants: SIMD3<Double>) {
    radiusOffset = 0.009
    curve = .constants(constants)
    neckScale = nil
    fillsInnerSphere = true
    coulomb = Constants.coulomb
    tension = 4 * Double.pi * 2.25936
  }

  /// The radii, nm, for which the necks are known, with room for the digits of a file.
  package static let neckRadii = 0.1 - 1e-9...0.2 + 1e-9
}

extension ImplicitSolvent {
  /// The model of Born radii; nil in vacuum.
  ///
  /// The forces of OpenMM differ in these constants, and the figures are theirs. With salt, OBC2 is a
  /// `CustomGBForce` there.
  package var bornModel: BornModel? {
    switch model {
    case .none: nil
    case .hct: BornModel(.plain)
    case .obc1: BornModel(.constants(SIMD3(0.8, 0, 2.909125)))
    case .obc2 where inverseDebyeLength > 0: BornModel(.constants(SIMD3(1, 0.8, 4.85)))
    case .obc2: BornModel(builtIn: SIMD3(1, 0.8, 4.85))
    case .gbn:
      BornModel(.constants(SIMD3(1.09511284, 1.907992938, 2.50798245)), neckScale: 0.361825)
    case .gbn2: BornModel(offset: 0.0195141, .byElement, neckScale: 0.826836)
    }
  }
}

extension ImplicitSolvent.Model {
  /// The radius set that the model was fitted with, by the name that AMBER gives it; nil in vacuum.
  package var radiusSet: String? {
    switch self {
    case .hct: "mbondi"
    case .obc1, .obc2: "mbondi2"
    case .gbn: "bondi"
    case .gbn2: "mbondi3"
    case .none: nil
    }
  }
}
