import Flow
import Kernels
import Molecules

extension MolecularSystem {
  /// The Boltzmann density over the tokens of an internal representation, up to a constant:
  /// `log p̃(tokens) = −β U/kT + log |dx/dtokens|`, β the inverse temperature in units of the
  /// system's; −∞ outside the support and for other isomers.
  package func tokenDensity(
    _ representation: InternalRepresentation, isomers: Isomers
  ) -> TargetDensity {
    { tokens, inverseTemperature, workers in
      let execution = Execution(workers: workers)
      let rebuilt = representation.coordinates(from: tokens, execution: execution)
      let energies = reducedEnergies(rebuilt.coordinates, execution: execution)
      let isSeen = isomers.contain(rebuilt.coordinates, execution: execution)
      return energies.indices.map { frame in
        let logDensity = rebuilt.logJacobian[frame] - inverseTemperature * energies[frame]
        return rebuilt.inSupport[frame] && isSeen[frame] && logDensity.isFinite
          ? logDensity : -.infinity
      }
    }
  }
}
