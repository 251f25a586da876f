import Evaluation
import Foundation
import Reporting

/// How particles went along a path of densities, for `samples.json`.
package struct AnnealingFacts: Codable, Equatable, Sendable {
  /// One density of the path.
  package struct Step: Codable, Equatable, Sendable {
    /// β.
    package let position: Double
    /// Kish's, as a share of the particles, before they were resampled.
    package let effectiveSampleSize: Double
    package let isResampled: Bool
    /// The mean over the moves, each particle with its weight.
    package let acceptance: Double
    /// The leapfrog step after them.
    package let stepSize: Double

    private enum CodingKeys: String, CodingKey {
      case position = "beta"
      case effectiveSampleSize = "ess"
      case isResampled = "resampled"
      case acceptance
      case stepSize = "step_size"
    }
  }

  package let settings: AnnealingSettings
  package let particles: Int
  package internal(set) var steps: [Step] = []
  /// Particles whose weight was taken at the start.
  package internal(set) var dropped = 0
  /// log Z of the target over what q is a density over, nats, and its standard error.
  package internal(set) var logNormalization = 0.0
  package internal(set) var logNormalizationError = 0.0
  /// Kish's effective sample size of the final weights, as a share.
  package internal(set) var effectiveSampleSize = 0.0
  /// How many particles of the beginning have descendants with a weight, and
  /// `1/Σ W²`, W the weight of all descendants of one.
  package internal(set) var lineages = 0
  package internal(set) var effectiveLineages = 0.0
  /// Evaluations of the energy with its forces, of log q alone, and of log q with its gradient, the
  /// drawing of the proposals apart.
  package internal(set) var targetEvaluations = 0
  package internal(set) var densityEvaluations = 0
  package internal(set) var gradientEvaluations = 0

  private enum CodingKeys: String, CodingKey {
    case settings, particles, steps, dropped, lineages
    case logNormalization = "log_z"
    case logNormalizationError = "log_z_error"
    case effectiveSampleSize = "ess"
    case effectiveLineages = "effective_lineages"
    case targetEvaluations = "energy_evaluations"
    case densityEvaluations = "log_q_evaluations"
    case gradientEvaluations = "log_q_gradient_evaluations"
  }

  init(_ settings: AnnealingSettings, particles: Int) {
    (self.settings, self.particles) = (settings, particles)
  }

  /// Counts what a move of every particle took.
  mutating func add(_ outcome: LeapfrogKernel.Outcome, particles: Int) {
    targetEvaluations += outcome.targets * particles
    densityEvaluations += outcome.densities * particles
    gradientEvaluations += outcome.gradients * particles
  }

  /// Multinomial resamplings on the path, the one at its end apart.
  private var resamplings: Int {
    settings.resampling == .multinomial ? steps.count { $0.isResampled } : 0
  }

  /// All multinomial resamplings.
  var multinomialResamplings: Int {
    resamplings + (settings.resampling == .multinomial && settings.resamplesAtEnd ? 1 : 0)
  }

  /// Takes the error of log Z from particles at the end of the path, before their weights are made
  /// equal, which log Z knows nothing of.
  ///
  /// It is the root of ``familyVariance(_:ancestors:multinomialResamplings:)``, but not below the
  /// error from the weights since the last resampling. `AnnealingTests` compares it with the spread of
  /// repetitions.
  mutating func takeError(_ particles: Particles) {
    let variance = familyVariance(
      familyWeights(particles.logWeights, ancestors: particles.ancestors),
      ancestors: particles.count, multinomialResamplings: resamplings)
    logNormalizationError = max(
      Evaluation.logNormalization(particles.logWeights).error, max(0, variance).squareRoot())
  }

  /// Takes all other figures of the particles at the end of the path.
  mutating func close(_ particles: Particles) {
    logNormalization = particles.logMeanWeight
    effectiveSampleSize = Evaluation.effectiveSampleSize(particles.logWeights)
    let families = familyWeights(particles.logWeights, ancestors: particles.ancestors)
    let squares = families.reduce(0) { $0 + $1 * $1 }
    lineages = families.count { $0 > 0 }
    effectiveLineages = squares > 0 ? 1 / squares : 0
  }

  /// One line for people.
  package var text: String {
    """
    annealed in \(steps.count.counted("step")); log Z \(logNormalization.fixed(3)) ± \
    \(logNormalizationError.fixed(3)), \(lineages) lineages of \(particles), \
    \(effectiveLineages.fixed(0)) effective; acceptance \
    \(((steps.last?.acceptance ?? 0) * 100).fixed(0)) % at the end
    """
  }
}

/// The normalised weight of all descendants of each particle of the beginning, [particles].
func familyWeights(_ logWeights: [Double], ancestors: [Int]) -> [Double] {
  var families = [Double](repeating: 0, count: ancestors.count)
  for (weight, ancestor) in zip(normalizedWeights(logWeights), ancestors) {
    families[ancestor] += weight
  }
  return families
}
