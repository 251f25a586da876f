import Molecules

/// What a system is to be built of.
package struct BuildSettings: Sendable {
  package var sequence: PeptideSequence
  package var forceField = AmberForceField.ff14SB
  package var solvent = ImplicitSolvent.Model.obc1
  /// The set of Born radii; nil for the one that the solvent was fitted with.
  package var radii: RadiusSet?
  /// K.
  package var temperature = 300.0
  /// Of the start structure; 0 is the extended chain.
  package var seed: UInt64 = 0

  package init(sequence: PeptideSequence) { self.sequence = sequence }

  /// The radii that are written.
  var bornRadii: RadiusSet { radii ?? solvent.expectedRadii }

  /// The solvent of `system.yaml`.
  var implicitSolvent: ImplicitSolvent {
    solvent == .none
      ? .vacuum
      // What OpenMM has where it reads these radii from amber99_obc.xml.
      : ImplicitSolvent(model: solvent, solventDielectric: radii == .amber99OBC ? 78.3 : 78.5)
  }
}

extension ImplicitSolvent.Model {
  /// The radii that a model was fitted with; those of OBC in vacuum, which does not use them.
  var expectedRadii: RadiusSet {
    switch rawValue {
    case "hct": .mbondi
    case "gbn": .bondi
    case "gbn2": .mbondi3
    default: .mbondi2
    }
  }
}
