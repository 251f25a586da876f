import Flow
import Kernels
import Molecules

extension MolecularSystem {
  /// The Boltzmann density over the tokens of an internal representation, up to a constant:
  /// `log p̃(tokens) = −U/kT + log |dx/dtokens|`; −∞ outside the support.
  package func tokenDensity(_ representation: InternalRepresentation) -> TargetDensity {
    { tokens, workers in
      let execution = Execution(workers: workers)
      let rebuilt = representation.coordinates(from: tokens, execution: execution)
      let energies = reducedEnergies(rebuilt.coordinates, execution: execution)
      return energies.indices.map { frame in
        let logDensity = rebuilt.logJacobian[frame] - energies[frame]
        return rebuilt.inSupport[frame] && logDensity.isFinite ? logDensity : -.infinity
      }
    }
  }
}
