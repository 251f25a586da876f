import Evaluation
import Runs

/// How particles go along a path of densities from a flow to its target.
package struct AnnealingSettings: Codable, Equatable, Sendable {
  /// How a particle moves at one density of the path.
  package enum Kernel: String, Codable, CaseIterable, Sendable {
    /// Hamiltonian Monte Carlo: some leapfrog steps with fresh momenta, then Metropolis' test.
    case hmc
    /// The Metropolis-adjusted Langevin algorithm: one leapfrog step and the test.
    case mala
    /// The unadjusted one, without the test: what it leaves invariant is π only for small steps.
    case ula
  }

  /// Which gradient leads the kernel.
  ///
  /// With Metropolis' test either leaves π invariant.
  package enum Guide: String, Codable, CaseIterable, Sendable {
    /// `β ∂ log p − (1 − β) x`: forces alone, which are far cheaper than the flow's gradient, and
    /// what the flow's would be for standard normal numbers.
    case target
    /// `∂ log π_β`.
    case path
  }

  package var kernel = Kernel.hmc
  package var guide = Guide.target
  /// Moves of every particle at each density of the path, and leapfrog steps of one.
  package var moves = 2
  package var leapfrogSteps = 5
  /// The first leapfrog step, in units of each number's scale.
  package var stepSize = 0.2
  /// The acceptance that the step is adapted to; nil keeps the first step.
  package var acceptance: Double? = 0.7
  /// Whether each number's scale is that of the gradient in place of 1.
  package var isScaled = true
  /// The share of the effective samples that one step of β keeps; nil for equal steps.
  package var keptShare: Double? = 0.7
  /// The number of equal steps of β.
  package var equalSteps = 100
  /// Particles are resampled where their effective sample size falls below this share.
  package var resamplingShare = 0.5
  package var resampling = Resampling.systematic
  /// Whether the last weights are made equal by resampling.
  package var resamplesAtEnd = false
  /// Proposals above this energy in kT are dropped at the start, and so is this share of the largest
  /// weights: both change the distribution.
  package var energyCutoff: Double?
  package var droppedShare = 0.0
  /// Whether the last of the equal steps is left out, so that the target is never reached.
  package var stopsShort = false

  private enum CodingKeys: String, CodingKey {
    case kernel, guide, moves, acceptance, resampling
    case leapfrogSteps = "leapfrog_steps"
    case stepSize = "step_size"
    case isScaled = "scaled"
    case keptShare = "kept_share"
    case equalSteps = "equal_steps"
    case resamplingShare = "resampling_share"
    case resamplesAtEnd = "resamples_at_end"
    case energyCutoff = "energy_cutoff"
    case droppedShare = "dropped_share"
    case stopsShort = "stops_short"
  }

  package init() {}

  /// The settings of Sequential Boltzmann Generators (arXiv 2502.18462): ULA, 100 equal steps,
  /// `h = ε/100`, multinomial resampling below half of the effective samples and at the end.
  ///
  /// - Parameters:
  ///   - diffusion: ε, 1e-5 or 1e-6 there, in standardised coordinates.
  ///   - stopsShort: As in the published program, whose loop ends at β = 0.99.
  package static func sequentialBoltzmann(
    diffusion: Double, energyCutoff: Double?, stopsShort: Bool
  ) -> AnnealingSettings {
    var settings = AnnealingSettings()
    // A Langevin step h is a leapfrog step of √(2h).
    settings.use(unadjustedStep: (2 * diffusion / Double(settings.equalSteps)).squareRoot())
    (settings.moves, settings.leapfrogSteps) = (1, 1)
    (settings.isScaled, settings.keptShare) = (false, nil)
    (settings.resampling, settings.resamplesAtEnd) = (.multinomial, true)
    (settings.energyCutoff, settings.droppedShare) = (energyCutoff, 0.002)
    settings.stopsShort = stopsShort
    return settings
  }

  /// Takes the kernel without a test, with a fixed step and the gradient of the path, without which
  /// it would move towards another density.
  package mutating func use(unadjustedStep step: Double) {
    (kernel, guide, stepSize, acceptance) = (.ula, .path, step, nil)
  }

  /// Leapfrog steps of a move.
  var steps: Int { kernel == .hmc ? leapfrogSteps : 1 }

  /// Checks the limits.
  /// - Throws: `RunError.configuration` naming the first number outside of them.
  package func validate() throws(RunError) {
    func require(_ holds: Bool, _ problem: String) throws(RunError) {
      if !holds { throw .configuration(source: "annealing", problem: problem) }
    }
    try require((1...1_000).contains(moves), "\(moves) moves, expected 1 to 1000")
    try require(
      (1...1_000).contains(leapfrogSteps), "\(leapfrogSteps) leapfrog steps, expected 1 to 1000")
    try require(
      stepSize > 0 && stepSize <= 10, "the step is \(stepSize), expected above 0, up to 10")
    try require(
      keptShare.map { $0 > 0 && $0 < 1 } ?? true,
      "the share of samples that a step keeps is \(keptShare ?? 0), expected between 0 and 1")
    try require(
      (1...100_000).contains(equalSteps), "\(equalSteps) steps, expected 1 to 100000")
  }
}
