/// The logarithm of a target's density, up to a constant, of samples [batch, tokens, features] in
/// the coordinates of the flow, [batch]; −∞ where the density is zero.
///
/// The inverse temperature, in units of the target's, multiplies the energy.
package typealias TargetDensity =
  @Sendable (
    _ x: [Float], _ inverseTemperature: Double, _ workers: Int
  ) -> [Double]

/// What a training knows of its target beside samples of it: the density, and the terms that use
/// it.
package struct TrainingTarget: Sendable {
  let settings: TargetConfiguration
  let density: TargetDensity

  package init(_ settings: TargetConfiguration, density: @escaping TargetDensity) {
    self.settings = settings
    // A rank whose share is empty asks for none.
    self.density = { x, inverseTemperature, workers in
      x.isEmpty ? [] : density(x, inverseTemperature, workers)
    }
  }
}

/// `log p̃` and the other numbers that the coefficients of a batch depend on, by place.
struct BatchTargets {
  let composition: BatchComposition
  /// log p̃, [batch].
  private(set) var logTargets: [Double]
  /// log q when the sample was drawn and its weight over the mean, for proposals.
  private var drawn: [(logDensity: Double, weight: Double)]

  init(_ composition: BatchComposition) {
    self.composition = composition
    let count = composition[.proposal].upperBound
    logTargets = [Double](repeating: 0, count: count)
    drawn = [(Double, Double)](repeating: (0, 0), count: count)
  }

  mutating func set(_ logTarget: Double, at place: Int) { logTargets[place] = logTarget }

  mutating func set(_ proposal: Int, of buffer: ProposalBuffer, at place: Int) {
    logTargets[place] = buffer.targets[proposal]
    drawn[place] = (buffer.logDensities[proposal], buffer.weights[proposal])
  }

  /// `∂loss/∂log q` of a sample, the mean over its kind taken: −1 for the likelihood, and the slopes
  /// of the dispersion and of the weighted likelihood.
  func coefficient(
    at place: Int, logDensity: Double, _ dispersion: LogDispersion, _ settings: TargetConfiguration
  ) -> Double {
    let kind = composition.kind(at: place)
    let deviation = dispersion.deviation(
      logTargets[place] - logDensity, kind: kind, limit: settings.limit)
    var pull = settings.slope(of: kind, at: deviation)
    switch kind {
    case .sample: pull += settings.likelihood
    case .perturbed: break
    case .proposal:
      pull += settings.weighted * drawn[place].weight
      // A proposal says nothing about a density far from the one that drew it.
      let moved = logDensity - drawn[place].logDensity
      if abs(moved) > settings.trust, (moved > 0) == (pull > 0) { pull = 0 }
    }
    return -pull / Double(composition[kind].count)
  }
}
