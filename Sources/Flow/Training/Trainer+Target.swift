import Kernels

extension Trainer {
  /// Whether the target's terms are held back at a state for want of useful proposals.
  package func awaitsProposals(_ state: TrainingState) -> Bool {
    guard let settings = target?.settings, settings.waits, !state.dispersion.hasBegun,
      let drawing = state.drawing
    else { return false }
    return drawing.effectiveSampleSize < settings.leastSize
  }

  /// Whether a step uses the target's density; draws the proposals that decide it.
  mutating func usesTarget(
    _ state: inout TrainingState, _ target: TrainingTarget, workers: Int
  ) -> Bool {
    guard state.step >= target.settings.firstStep else { return false }
    if target.settings.usesProposals { drawProposals(&state, target, workers: workers) }
    return !awaitsProposals(state)
  }

  /// Fills the batch for a step that uses the target's density: samples, perturbed ones and
  /// proposals, with `log p̃` of each.
  mutating func fillBatch(
    _ state: inout TrainingState, _ target: TrainingTarget, workers: Int
  ) -> BatchTargets {
    let composition = BatchComposition(batch: configuration.batch, target: target.settings)
    var targets = BatchTargets(composition)
    if !composition[.sample].isEmpty {
      fillBatch(
        step: state.step, samples: composition[.sample].count, ofTarget: true, workers: workers)
      perturb(composition, by: target.settings.perturbation, step: state.step)
      label(&targets, target, step: state.step, workers: workers)
    }
    if target.settings.changesTemperature(at: state.step) {
      // Every log p̃ jumps with β.
      for kind in [SampleKind.sample, .perturbed] { state.dispersion.forget(kind) }
    }
    takeProposals(&targets, &state)
    beginMeans(of: targets, &state, workers: workers)
    return targets
  }

  /// Computes log p̃ of the samples and the perturbed ones: of the batch, since what changes a sample
  /// may change the volume of its tokens.
  private func label(
    _ targets: inout BatchTargets, _ target: TrainingTarget, step: Int, workers: Int
  ) {
    let settings = target.settings
    let drawnAt = step - (step - settings.firstStep) % settings.drawEvery
    let shares = ranks.shares(of: targets.composition[.perturbed].upperBound)
    let (own, size) = (shares[ranks.rank], flow.dimensions)
    let logTargets = ranks.gathered(
      target.density(
        Array(batch[own.lowerBound * size..<own.upperBound * size]),
        settings.inverseTemperature(drawnAt: drawnAt), workers), shares: shares)
    for (place, logTarget) in logTargets.enumerated() { targets.set(logTarget, at: place) }
  }

  /// Copies samples of the batch, from the first on, and adds noise to every feature.
  private mutating func perturb(
    _ composition: BatchComposition, by deviation: Double, step: Int
  ) {
    let (size, places) = (flow.dimensions, composition[.perturbed])
    let samples = composition[.sample].count
    for place in places {
      var generator = RandomGenerator(seed: seed, stream: .perturbation, step: step, index: place)
      let source = (place - places.lowerBound) % samples
      for d in 0..<size {
        batch[place * size + d] =
          batch[source * size + d] + Float(deviation * generator.normal())
      }
    }
  }

  /// Draws proposals from the weights as they are when the steps of the last ones are over; a
  /// training that was resumed draws again from the weights of then, unless it awaits better ones.
  private mutating func drawProposals(
    _ state: inout TrainingState, _ target: TrainingTarget, workers: Int
  ) {
    let age = (state.step - target.settings.firstStep) % target.settings.drawEvery
    let isNew = age == 0 || state.drawing == nil
    if isNew { state.drawing = Drawing(step: state.step, weights: state.weights) }
    guard let drawing = state.drawing, buffer?.step != drawing.step,
      isNew || !awaitsProposals(state)
    else { return }
    let (flow, weights) = flow.ofClass(0, weights: drawing.weights)
    let drawn = ProposalBuffer(
      flow, target.settings, target: target.density, weights: weights, seed: seed,
      step: drawing.step, ranks: ranks, workers: workers)
    buffer = drawn
    if isNew { state.drawing?.effectiveSampleSize = drawn.effectiveSampleSize }
  }

  /// Takes the next proposals of the buffer.
  private mutating func takeProposals(_ targets: inout BatchTargets, _ state: inout TrainingState) {
    let (size, places) = (flow.dimensions, targets.composition[.proposal])
    guard !places.isEmpty, let buffer else { return }
    if buffer.step == state.step { state.dispersion.begin(.proposal, with: buffer.logWeights) }
    let first = (state.step - buffer.step) * places.count
    for (offset, place) in places.enumerated() {
      let proposal = (first + offset) % buffer.count
      batch.replaceSubrange(
        place * size..<(place + 1) * size,
        with: buffer.x[proposal * size..<(proposal + 1) * size])
      targets.set(proposal, of: buffer, at: place)
    }
  }

  /// Begins the running means of the kinds that have none with the medians of this batch.
  private func beginMeans(of targets: BatchTargets, _ state: inout TrainingState, workers: Int) {
    let size = flow.dimensions
    for kind in SampleKind.allCases where state.dispersion.means[kind.rawValue] == nil {
      let places = targets.composition[kind]
      guard !places.isEmpty else { continue }
      let logDensities = flow.logDensity(
        Array(batch[places.lowerBound * size..<places.upperBound * size]),
        labels: labels.map { _ in [Int](repeating: 0, count: places.count) },
        weights: state.weights,
        execution: Execution(workers: workers))
      state.dispersion.begin(
        kind, with: zip(places, logDensities).map { targets.logTargets[$0] - $1 })
    }
  }
}
