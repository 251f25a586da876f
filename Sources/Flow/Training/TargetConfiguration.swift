import Foundation

/// How a training uses the density of its target, where that can be computed, beside samples of it.
///
/// The loss is the mean of `−log q` over the samples of a batch, plus the terms below; with the
/// defaults there are none. A training may begin with a hotter target, of which the energy counts
/// less, and cool it down. `log w = log p̃ − log q`, p̃ the target's density up to a constant.
/// - SeeAlso: Richter et al. 2020 (arXiv 2010.10436) for the log-variance; arXiv 2602.03729 for
///   the dispersion over labelled samples.
package struct TargetConfiguration: Codable, Equatable, Sendable {
  /// The measure of how far log w is from constant.
  package enum Dispersion: String, Codable, Sendable, CaseIterable {
    /// `⟨(log w − m)²⟩`.
    case variance
    /// `⟨|log w − m|⟩`.
    case absolute
  }

  package var dispersion = Dispersion.variance
  /// The weight of the mean of `−log q` over the samples, once the other terms have begun.
  package var likelihood = 1.0
  /// λ of the dispersion over the samples.
  package var samples = 0.0
  /// λ of the dispersion over the flow's own proposals.
  package var proposals = 0.0
  /// λ of the dispersion over samples with noise on every feature.
  package var perturbed = 0.0
  /// κ of the weighted likelihood: the mean of `−w log q` over the flow's own proposals, `⟨w⟩ = 1`.
  package var weighted = 0.0
  /// The part of a batch that are proposals, and perturbed samples.
  package var proposalShare = 0.5
  package var perturbedShare = 0.25
  /// The standard deviation of the noise, in units of the features.
  package var perturbation = 0.1
  /// The first step with these terms; the flow must have found the samples' region by then.
  package var firstStep = 400
  /// The terms wait for a drawing with this effective sample size, as a share, and then stay.
  ///
  /// A flow whose proposals hardly ever look like samples learns from the samples alone faster:
  /// `docs/experiments.md`. Without a likelihood of samples the terms do not wait.
  package var leastSize = 0.05
  /// Proposals that are drawn at once, and the steps that they are used for.
  package var drawn = 10_000
  package var drawEvery = 200
  /// The temperature at which the terms begin, in units of the target's, and the steps in which it
  /// falls to 1, by a constant factor at each drawing.
  package var startRatio = 1.0
  package var annealSteps = 0
  /// Deviations of log w beyond this count as this much, nats.
  package var limit = 5.0
  /// Proposals whose log q has moved by more than this since they were drawn push no further, nats.
  package var trust = 2.0
  /// The largest weight in the weighted likelihood, in units of the mean.
  package var largestWeight = 20.0

  /// How many proposals may be drawn at once.
  package static let drawnCounts = 2...10_000_000

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case dispersion, likelihood, proposals, perturbed, weighted, perturbation, drawn, limit, trust
    case samples = "frames"
    case proposalShare = "proposal_share"
    case perturbedShare = "perturbed_share"
    case firstStep = "first_step"
    case leastSize = "least_ess"
    case drawEvery = "draw_every"
    case startRatio = "start_ratio"
    case annealSteps = "anneal_steps"
    case largestWeight = "largest_weight"
  }

  /// Reads what `encode` writes; without `least_ess` it is 0.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    dispersion = try container.decode(Dispersion.self, forKey: .dispersion)
    likelihood = try container.decode(Double.self, forKey: .likelihood)
    samples = try container.decode(Double.self, forKey: .samples)
    proposals = try container.decode(Double.self, forKey: .proposals)
    perturbed = try container.decode(Double.self, forKey: .perturbed)
    weighted = try container.decode(Double.self, forKey: .weighted)
    proposalShare = try container.decode(Double.self, forKey: .proposalShare)
    perturbedShare = try container.decode(Double.self, forKey: .perturbedShare)
    perturbation = try container.decode(Double.self, forKey: .perturbation)
    firstStep = try container.decode(Int.self, forKey: .firstStep)
    leastSize = try container.decodeIfPresent(Double.self, forKey: .leastSize) ?? 0
    drawn = try container.decode(Int.self, forKey: .drawn)
    drawEvery = try container.decode(Int.self, forKey: .drawEvery)
    startRatio = try container.decode(Double.self, forKey: .startRatio)
    annealSteps = try container.decode(Int.self, forKey: .annealSteps)
    limit = try container.decode(Double.self, forKey: .limit)
    trust = try container.decode(Double.self, forKey: .trust)
    largestWeight = try container.decode(Double.self, forKey: .largestWeight)
  }

  /// Whether there is any term.
  package var isUsed: Bool { samples > 0 || usesProposals || perturbed > 0 }

  /// Whether a term needs proposals.
  package var usesProposals: Bool { proposals > 0 || weighted > 0 }

  /// Whether a batch needs samples beside proposals: where not, they only teach the flow where to
  /// begin.
  package var usesSamples: Bool { likelihood > 0 || samples > 0 || perturbed > 0 || !usesProposals }

  /// Whether the terms wait for proposals that are good enough.
  var waits: Bool { usesProposals && likelihood > 0 && leastSize > 0 }

  /// The inverse temperature, in units of the target's, for the proposals drawn at a step.
  func inverseTemperature(drawnAt step: Int) -> Double {
    let done = annealSteps == 0 ? 1 : min(1, Double(step - firstStep) / Double(annealSteps))
    return pow(startRatio, done - 1)
  }

  /// Whether proposals are drawn at a step, at another temperature than those before.
  func changesTemperature(at step: Int) -> Bool {
    guard step > firstStep, (step - firstStep) % drawEvery == 0 else { return false }
    return inverseTemperature(drawnAt: step) != inverseTemperature(drawnAt: step - drawEvery)
  }

  /// What is doubtful about a training of so many steps, a sentence each: that it ends before it uses
  /// energies, or before its proposals have the target's temperature.
  package func doubts(steps: Int) -> [String] {
    guard isUsed else { return [] }
    guard steps > firstStep else {
      return [
        "energies have no part in \(steps) steps: they begin at step energies.first_step = "
          + "\(firstStep)"
      ]
    }
    let last = steps - 1
    let ratio = 1 / inverseTemperature(drawnAt: last - (last - firstStep) % drawEvery)
    guard ratio > 1.001 else { return [] }
    // The first drawing at the target's temperature.
    let end = firstStep + (annealSteps + drawEvery - 1) / drawEvery * drawEvery
    return [
      "the flow ends at \((1_000 * ratio).rounded() / 1_000) times the target's temperature: with a "
        + "drawing every energies.draw_every = \(drawEvery) steps annealing ends at step \(end), but "
        + "training.steps is \(steps); expected \(end + 1) or more"
    ]
  }

  /// Checks the limits.
  /// - Throws: `FlowError.configuration` naming the first number outside of them by its key.
  package func validate() throws(FlowError) {
    for (name, value) in [
      ("frames", samples), ("proposals", proposals), ("perturbed", perturbed),
      ("weighted", weighted), ("likelihood", likelihood),
    ] {
      try require(value >= 0 && value.isFinite, "\(name) is \(value), expected 0 or more")
    }
    for (name, value) in [
      ("limit", limit), ("trust", trust), ("largest_weight", largestWeight),
      ("perturbation", perturbation),
    ] {
      try require(value > 0 && value.isFinite, "\(name) is \(value), expected above 0")
    }
    for (name, share) in [
      ("proposal_share", proposalShare), ("perturbed_share", perturbedShare),
      ("least_ess", leastSize),
    ] {
      try require((0..<1).contains(share), "\(name) is \(share), expected 0 to below 1")
    }
    try require(
      proposalShare + perturbedShare < 1,
      "proposal_share and perturbed_share are \(proposalShare + perturbedShare) together, expected "
        + "below 1")
    try require(
      (1...1_000).contains(startRatio), "start_ratio is \(startRatio), expected 1 to 1000")
    for (name, count, least) in [
      ("anneal_steps", annealSteps, 0), ("first_step", firstStep, 0), ("draw_every", drawEvery, 1),
    ] {
      try require(
        (least...mostCounted).contains(count),
        "\(name) is \(count), expected \(least) to \(mostCounted)")
    }
    try require(
      Self.drawnCounts.contains(drawn),
      "drawn is \(drawn), expected \(Self.drawnCounts.lowerBound) to "
        + "\(Self.drawnCounts.upperBound)")
  }
}
