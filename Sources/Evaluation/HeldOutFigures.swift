import Foundation

/// What frames of the reference, never trained on, say of a flow's density: a mode that the flow
/// has lost has frames of very large weight, where proposals show nothing.
///
/// With `log w = −u − log q` at the reference's frames.
package struct HeldOutFigures: Equatable, Sendable {
  /// How many frames have a density, and how many have none: no figure counts these.
  package var frames, outside: Int
  /// The evidence upper bound, `mean log w` over the frames, nats; never below `log Z` but for
  /// noise.
  package var evidenceUpperBound, evidenceUpperBoundError: Double
  /// `log Z = log mean w` over the proposals, those of weight zero included, nats.
  package var logNormalization, logNormalizationError: Double
  /// `mean log w − log Z`, the forward Kullback–Leibler divergence of the flow from the
  /// reference's distribution, nats.
  package var forwardDivergence, forwardDivergenceError: Double
  /// The forward effective sample size, `1/(mean w · mean 1/w)` over the frames.
  package var forwardSampleSize, forwardSampleSizeError: Double

  /// - Parameters:
  ///   - energies: Reduced energies of the frames, [frames], kT.
  ///   - logDensities: `log q` of the frames, [frames], nats; non-finite where the flow has none.
  ///   - chains: The frames of each chain in the order of time, [chains]; nil where they are not
  ///     known.
  ///   - proposals: `log w` of the proposals, by the same `u` and `log q`, to the constant.
  /// - Returns: nil if no frame has a density.
  init?(
    energies: [Double], logDensities: [Double], chains: [[Int]]? = nil, proposals: [Double]
  ) {
    precondition(
      energies.count == logDensities.count,
      "\(logDensities.count) densities for \(energies.count) frames")
    let all = zip(energies, logDensities).map { -$0 - $1 }
    let members = chains?.map { frames in frames.filter { all[$0].isFinite } }
      .filter { !$0.isEmpty }
    // Blocks are of successive frames.
    let order = members.map { Array($0.joined()) } ?? Array(all.indices)
    let logWeights = order.map { all[$0] }.filter(\.isFinite)
    guard !logWeights.isEmpty else { return nil }
    frames = logWeights.count
    outside = energies.count - frames
    let normalization = Evaluation.logNormalization(proposals)
    (logNormalization, logNormalizationError) = (normalization.value, normalization.error)
    evidenceUpperBound = logWeights.reduce(0, +) / Double(frames)
    evidenceUpperBoundError =
      members.map { meanError(all, chains: $0) } ?? blockError(logWeights)
    forwardDivergence = evidenceUpperBound - logNormalization
    forwardDivergenceError =
      (evidenceUpperBoundError * evidenceUpperBoundError
      + logNormalizationError * logNormalizationError).squareRoot()
    forwardSampleSize = forwardEffectiveSampleSize(logWeights)
    forwardSampleSizeError = blockJackknifeError(logWeights, of: forwardEffectiveSampleSize)
  }
}

/// The share of effective samples among proposals, estimated from samples of the target,
/// `1/(mean w · mean 1/w)`.
///
/// Proposals of density q have `⟨w⟩_q² / ⟨w²⟩_q`; over samples of `p = w q/Z` these are
/// `⟨w⟩_q = Z = 1/⟨1/w⟩_p` and `⟨w²⟩_q = Z ⟨w⟩_p`.
///
/// - Parameter logWeights: `log w` at samples of the target, [samples], up to one constant, finite.
/// - Returns: A number up to 1; 0 of no samples.
/// - SeeAlso: Blessing et al. 2024, *Beyond ELBOs: A Large-Scale Evaluation of Variational Methods
///   for Sampling*.
package func forwardEffectiveSampleSize(_ logWeights: [Double]) -> Double {
  guard let largest = logWeights.max(), let least = logWeights.min() else { return 0 }
  let (sum, inverse) = logWeights.reduce((0.0, 0.0)) {
    ($0.0 + exp($1 - largest), $0.1 + exp(least - $1))
  }
  let samples = Double(logWeights.count)
  return exp(least - largest) * samples / sum * samples / inverse
}

extension HeldOutFigures: Codable {
  private enum CodingKeys: String, CodingKey {
    case frames
    case outside = "frames_without_density"
    case evidenceUpperBound = "eubo"
    case evidenceUpperBoundError = "eubo_error"
    case logNormalization = "log_z"
    case logNormalizationError = "log_z_error"
    case forwardDivergence = "forward_kl"
    case forwardDivergenceError = "forward_kl_error"
    case forwardSampleSize = "ess_forward"
    case forwardSampleSizeError = "ess_forward_error"
  }
}
