import Kernels

/// Changes a sample [tokens, features] before it is used: random rotations, noise, other labels of
/// equivalent atoms.
///
/// The label is the sample's class, 0 where there are none.
package typealias Augmentation =
  @Sendable (_ sample: inout [Float], _ label: Int, inout RandomGenerator) -> Void

/// Training of a flow on samples that are held in memory: by maximum likelihood, and, where the
/// target's density is known, by it as well.
///
/// The result depends neither on the number of workers nor on that of the ranks (`TrainerTests`):
/// see `BatchGradient`; which samples a step sees depends on the seed and the step alone. Where
/// there are several ranks, each calls the same functions with the same state.
package struct Trainer {
  package let flow: TarFlow
  package let configuration: TrainingConfiguration
  package let seed: UInt64
  /// Training samples, [samples, tokens, features].
  let samples: [Float]
  /// Their classes, and how often a class is left out of a batch; a target is that of class 0.
  let labels: TrainingLabels?
  /// The numbers of the samples of class 0; nil where all are the target's, or there is none.
  private let targetSamples: [Int]?
  let augment: Augmentation?
  let target: TrainingTarget?
  let ranks: Ranks
  private var gradient: BatchGradient
  var batch: [Float]
  private var batchLabels: [Int]?
  private var shuffled: (epoch: Int, ofTarget: Bool, order: [Int]) = (-1, false, [])
  var buffer: ProposalBuffer?

  /// - Throws: `FlowError.configuration` when the numbers do not fit the samples or the ranks, or
  ///   this CPU has no unit for the precision.
  ///
  /// - Parameters:
  ///   - samples: [samples, tokens, features].
  ///   - labels: The class of each sample. The target is that of class 0: from the step on that uses
  ///     it, the batches have samples of that class alone.
  package init(
    _ flow: TarFlow, _ configuration: TrainingConfiguration, samples: [Float],
    labels: TrainingLabels? = nil, seed: UInt64, augment: Augmentation? = nil,
    target: TrainingTarget? = nil, ranks: Ranks = .alone
  ) throws(FlowError) {
    precondition(
      samples.count % flow.dimensions == 0, "\(samples.count) numbers, \(flow.dimensions) a sample")
    precondition(
      labels == nil || labels?.values.count == samples.count / flow.dimensions,
      "\(labels?.values.count ?? 0) labels for \(samples.count / flow.dimensions) samples")
    targetSamples =
      target?.settings.isUsed == true
      ? labels.map { labels in labels.values.indices.filter { labels.values[$0] == 0 } } : nil
    try configuration.validate(samples: targetSamples?.count ?? samples.count / flow.dimensions)
    self.flow = flow
    self.configuration = configuration
    self.seed = seed
    self.samples = samples
    self.labels = labels
    self.augment = augment
    self.target = target?.settings.isUsed == true ? target : nil
    self.ranks = ranks
    gradient = try BatchGradient(of: flow, configuration, ranks: ranks)
    batch = [Float](repeating: 0, count: configuration.batch * flow.dimensions)
  }

  /// Whether the training draws proposals for itself.
  package var drawsProposals: Bool { target?.settings.usesProposals ?? false }

  /// The samples of a step: consecutive ranges of a new random order in every epoch; of those of the
  /// target where it is used.
  private mutating func indices(step: Int, size: Int, ofTarget: Bool) -> ArraySlice<Int> {
    let chosen = ofTarget ? targetSamples : nil
    let count = chosen?.count ?? samples.count / flow.dimensions
    let steps = count / size
    let epoch = step / steps
    if shuffled.epoch != epoch || shuffled.ofTarget != ofTarget {
      var generator = RandomGenerator(seed: seed, stream: .shuffling, step: epoch)
      shuffled = (epoch, ofTarget, (chosen ?? Array(0..<count)).shuffled(using: &generator))
    }
    let first = step % steps * size
    return shuffled.order[first..<first + size]
  }

  /// The samples of the first places of the batch.
  ///
  /// - Parameters:
  ///   - ofTarget: Whether only samples of class 0 are taken.
  ///   - places: Those that are needed; all by default.
  mutating func fillBatch(
    step: Int, samples count: Int, ofTarget: Bool = false, places: Range<Int>? = nil, workers: Int
  ) {
    let places = places ?? 0..<count
    let indices = Array(indices(step: step, size: count, ofTarget: ofTarget))
    batchLabels = labels?.batch(indices[...], seed: seed, step: step)
    let (samples, size, seed, augment) = (samples, flow.dimensions, seed, augment)
    let classes = labels?.values
    batch.withUnsafeMutableMatrix(columns: size) { batch in
      parallel(places.count, workers: workers) { index in
        let place = places.lowerBound + index
        let first = indices[place] * size
        var sample = Array(samples[first..<first + size])
        if let augment {
          var generator = RandomGenerator(
            seed: seed, stream: .augmentation, step: step, index: place)
          augment(&sample, classes?[indices[place]] ?? 0, &generator)
        }
        batch[place].update(from: sample, count: size)
      }
    }
  }

  /// One optimizer step; returns the mean of `−log p(x)` of its batch before the step, in nats per
  /// sample.
  /// - Throws: `FlowError.diverged`; the state is then as before.
  package mutating func step(_ state: inout TrainingState, workers: Int) throws(FlowError) -> Double
  {
    let before = (state.dispersion, state.drawing)
    let loss = lossAndGradient(&state, workers: workers)
    let norm = gradientNorm(gradient.sum)
    guard loss.isFinite, norm.isFinite else {
      (state.dispersion, state.drawing) = before
      throw .diverged(step: state.step, seed: seed)
    }
    configuration.takeStep(
      &state, along: gradient.sum, norm: norm, layout: flow.layout, ranks: ranks,
      workers: workers)
    updatePriorVariance(&state)
    // A short memory at first, so that the initial weights are forgotten.
    let decay = min(configuration.averageDecay, Double(1 + state.step) / Double(10 + state.step))
    updateMovingAverage(&state.average, of: state.weights, decay: decay, workers: workers)
    state.step += 1
    state.firstLoss = state.firstLoss ?? loss
    state.recentLoss += loss
    state.recentSteps += 1
    return loss
  }

  /// Fills the batch and computes the gradient of its loss over T · D; returns the mean of
  /// `−log p(x)` over its samples of the target, or over its proposals if there are no samples.
  private mutating func lossAndGradient(_ state: inout TrainingState, workers: Int) -> Double {
    let dimensions = Double(flow.dimensions)
    guard let target, usesTarget(&state, target, workers: workers) else {
      fillBatch(
        step: state.step, samples: configuration.batch, places: gradient.own, workers: workers)
      let slope = -1 / Float(configuration.batch * flow.dimensions)
      let logDensities = gradient.take(
        &batch, labels: batchLabels, weights: state.weights, workers: workers
      ) { _, _ in slope }
      return -logDensities.reduce(0, +) / Double(configuration.batch)
    }
    let targets = fillBatch(&state, target, workers: workers)
    batchLabels = labels.map { _ in [Int](repeating: 0, count: configuration.batch) }
    let (dispersion, settings) = (state.dispersion, target.settings)
    let logDensities = gradient.take(
      &batch, labels: batchLabels, weights: state.weights, workers: workers
    ) { place, logDensity in
      let coefficient = targets.coefficient(
        at: place, logDensity: logDensity, dispersion, settings)
      return Float(coefficient / dimensions)
    }
    for kind in SampleKind.allCases {
      let places = targets.composition[kind]
      state.dispersion.update(
        kind, with: places.map { targets.logTargets[$0] - logDensities[$0] },
        limit: settings.limit)
    }
    let samples = targets.composition[.sample]
    let shown = samples.isEmpty ? targets.composition[.proposal] : samples
    return -logDensities[shown].reduce(0, +) / Double(shown.count)
  }

  /// `var ← 0.9 var + 0.1 ⟨z²⟩` over the batch, with z from before the step (the published code's
  /// running update).
  private func updatePriorVariance(_ state: inout TrainingState) {
    guard flow.learnsPriorVariance else { return }
    let (squares, size) = (gradient.squares, flow.dimensions)
    for index in 0..<size {
      let sum = stride(from: index, to: squares.count, by: size).reduce(Float(0)) {
        $0 + squares[$1]
      }
      let mean = sum / Float(configuration.batch)
      state.priorVariance[index] += 0.1 * (mean - state.priorVariance[index])
    }
  }

  /// Whether the weights that a training ends with are finite, and so are the densities that they
  /// give the samples of the last step; of a training with a target only the weights.
  package mutating func endsWell(_ state: TrainingState, workers: Int) -> Bool {
    guard state.weights.allSatisfy(\.isFinite), state.average.allSatisfy(\.isFinite) else {
      return false
    }
    guard target == nil, state.step > 0 else { return true }
    let (own, size) = (gradient.own, flow.dimensions)
    fillBatch(step: state.step - 1, samples: configuration.batch, places: own, workers: workers)
    let logDensities = flow.logDensity(
      Array(batch[own.lowerBound * size..<own.upperBound * size]),
      labels: batchLabels.map { Array($0[own]) }, weights: state.average,
      execution: Execution(workers: workers))
    return ranks.gathered(logDensities.allSatisfy(\.isFinite)).allSatisfy { $0 }
  }

  /// The mean of `−log p(x)` of held-out samples under the averaged weights, in nats per sample.
  ///
  /// Keeps the best averaged weights, and begins a new interval of recent training losses.
  package func validate(
    _ state: inout TrainingState, on samples: [Float], labels: [Int]? = nil, workers: Int
  ) -> Double {
    let shares = ranks.shares(of: samples.count / flow.dimensions, granularity: flow.chunkSize)
    let (own, size) = (shares[ranks.rank], flow.dimensions)
    let logDensity = ranks.gathered(
      flow.logDensity(
        Array(samples[own.lowerBound * size..<own.upperBound * size]),
        labels: labels.map { Array($0[own]) }, weights: state.average,
        execution: Execution(workers: workers)), shares: shares)
    let loss = -logDensity.reduce(0, +) / Double(logDensity.count)
    state.keep(loss: loss)
    return loss
  }
}
