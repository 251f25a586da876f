import Molecules
import Runs
import TensorFiles

/// What a system is to be built of.
package struct BuildSettings: Sendable {
  package var sequence: PeptideSequence
  package var forceField = AmberForceField.ff14SB
  package var solvent = ImplicitSolvent.Model.obc1
  /// The set of Born radii; nil for the one that the solvent was fitted with.
  package var radii: RadiusSet?
  /// K.
  package var temperature = 300.0
  /// Of monovalent ions, mol/l.
  package var saltConcentration = 0.0
  /// Of the start structure; 0 is the extended chain.
  package var seed: UInt64 = 0

  package init(sequence: PeptideSequence) { self.sequence = sequence }

  /// What the system is called, and folders after it: the sequence, or of one that is too long for
  /// that its beginning and its checksum.
  package var name: String {
    let text = sequence.text
    guard text.utf8.count > longestSystemName else { return text }
    return "\(text.prefix(79))-\(Checksum(of: text.utf8))"
  }

  /// The radii that are written: those that were chosen, or that the model was fitted with, or in
  /// vacuum, which uses none, those of OBC.
  var bornRadii: RadiusSet {
    radii ?? solvent.radiusSet.flatMap { RadiusSet(rawValue: $0) } ?? .mbondi2
  }

  /// The solvent of `system.yaml`.
  var implicitSolvent: ImplicitSolvent {
    if solvent == .none { return .vacuum }
    // What OpenMM has where it reads these radii from amber99_obc.xml.
    let dielectric = radii == .amber99OBC ? 78.3 : 78.5
    return ImplicitSolvent(
      model: solvent, solventDielectric: dielectric,
      inverseDebyeLength: ImplicitSolvent.inverseDebyeLength(
        concentration: saltConcentration, dielectric: dielectric, temperature: temperature))
  }
}
