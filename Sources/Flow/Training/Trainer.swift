import Kernels

/// Changes a sample [tokens, features] before it is used: random rotations, noise, other labels of
/// equivalent atoms.
package typealias Augmentation =
  @Sendable (_ sample: inout [Float], inout RandomGenerator) -> Void

/// Training of a flow on samples that are held in memory: by maximum likelihood, and, where the
/// target's density is known, by it as well.
///
/// The gradient of a batch is the sum of parts that its shape alone determines, added in a fixed
/// order, so that the result does not depend on the number of workers (`TrainerTests`); which
/// samples a step sees depends on the seed and the step alone.
package struct Trainer {
  package let flow: TarFlow
  package let configuration: TrainingConfiguration
  package let seed: UInt64
  /// Training samples, [samples, tokens, features].
  let samples: [Float]
  /// Their classes, and how often a class is left out of a batch.
  let labels: TrainingLabels?
  let augment: Augmentation?
  let target: TrainingTarget?
  private let parts: [BatchPart]
  /// The sum of the parts' gradients, in the memory of the first; empty while they are computed.
  private var gradient: [Float] = []
  private var workspace: Workspace
  var batch: [Float]
  private var batchLabels: [Int]?
  private var shuffled: (epoch: Int, order: [Int]) = (-1, [])
  var buffer: ProposalBuffer?

  /// - Throws: `FlowError.configuration` when the numbers do not fit the samples, or this CPU has
  ///   no unit for the precision.
  package init(
    _ flow: TarFlow, _ configuration: TrainingConfiguration, samples: [Float],
    labels: TrainingLabels? = nil, seed: UInt64, augment: Augmentation? = nil,
    target: TrainingTarget? = nil
  ) throws(FlowError) {
    precondition(
      samples.count % flow.dimensions == 0, "\(samples.count) numbers, \(flow.dimensions) a sample")
    precondition(
      labels == nil || labels?.values.count == samples.count / flow.dimensions,
      "\(labels?.values.count ?? 0) labels for \(samples.count / flow.dimensions) samples")
    try configuration.validate(samples: samples.count / flow.dimensions)
    self.flow = flow
    self.configuration = configuration
    self.seed = seed
    self.samples = samples
    self.labels = labels
    self.augment = augment
    self.target = target?.settings.isUsed == true ? target : nil
    workspace = Workspace(
      flow.layout, unit: try flow.trainingUnit(for: configuration.precision), gradient: true)
    batch = [Float](repeating: 0, count: configuration.batch * flow.dimensions)
    parts = ranges(
      configuration.batch, parts: flow.partCount(batch: configuration.batch)
    ).map { BatchPart(samples: $0, flow: flow) }
  }

  /// Whether the training draws proposals for itself.
  package var drawsProposals: Bool { target?.settings.usesProposals ?? false }

  /// The samples of a step: consecutive ranges of a new random order in every epoch.
  private mutating func indices(step: Int, size: Int) -> ArraySlice<Int> {
    let count = samples.count / flow.dimensions
    let steps = count / size
    let epoch = step / steps
    if shuffled.epoch != epoch {
      var generator = RandomGenerator(seed: seed, stream: .shuffling, step: epoch)
      shuffled = (epoch, Array(0..<count).shuffled(using: &generator))
    }
    let first = step % steps * size
    return shuffled.order[first..<first + size]
  }

  /// The samples of the first places of the batch.
  mutating func fillBatch(step: Int, samples count: Int, workers: Int) {
    let indices = Array(indices(step: step, size: count))
    batchLabels = labels?.batch(indices[...], seed: seed, step: step)
    let (samples, size, seed, augment) = (samples, flow.dimensions, seed, augment)
    batch.withUnsafeMutableMatrix(columns: size) { batch in
      parallel(count, workers: workers) { place in
        let first = indices[place] * size
        var sample = Array(samples[first..<first + size])
        if let augment {
          var generator = RandomGenerator(
            seed: seed, stream: .augmentation, step: step, index: place)
          augment(&sample, &generator)
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
    let norm = gradientNorm(gradient)
    guard loss.isFinite, norm.isFinite else {
      (state.dispersion, state.drawing) = before
      throw .diverged(step: state.step, seed: seed)
    }
    configuration.takeStep(
      &state, along: gradient, norm: norm, layout: flow.layout, workers: workers)
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
    guard let target, state.step >= target.settings.firstStep else {
      fillBatch(step: state.step, samples: configuration.batch, workers: workers)
      let slope = -1 / Float(configuration.batch * flow.dimensions)
      let logDensities = sumGradient(state.weights, workers: workers) { _, _ in slope }
      return -logDensities.reduce(0, +) / Double(configuration.batch)
    }
    let targets = fillBatch(&state, target, workers: workers)
    let (dispersion, settings) = (state.dispersion, target.settings)
    let logDensities = sumGradient(state.weights, workers: workers) { place, logDensity in
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

  /// Sums the gradient `Σᵢ cᵢ ∂ log p(xᵢ)/∂w` over the batch, part by part; returns `log p(xᵢ)`.
  private mutating func sumGradient(
    _ weights: [Float], workers: Int,
    coefficient: @Sendable (_ place: Int, _ logDensity: Double) -> Float
  ) -> [Double] {
    if !gradient.isEmpty { parts[0].exchangeGradient(with: &gradient) }
    workspace.update(from: weights, workers: max(1, workers))
    let (flow, parts, workspace) = (flow, parts, workspace)
    _ = flow.mapChunks(
      of: &batch, parts.map(\.samples), labels: batchLabels, weights: weights, in: workspace
    ) { parts[$0.index].accumulate($0, flow: flow, coefficient: coefficient) }
    parts[0].exchangeGradient(with: &gradient)
    addGradients(parts.dropFirst().map(\.gradient), to: &gradient, workers: workers)
    return parts.flatMap(\.logDensities)
  }

  /// `var ← 0.9 var + 0.1 ⟨z²⟩` over the batch, with z from before the step (the published code's
  /// running update).
  private func updatePriorVariance(_ state: inout TrainingState) {
    guard flow.learnsPriorVariance else { return }
    for index in state.priorVariance.indices {
      let mean = parts.reduce(Float(0)) { $0 + $1.squares[index] } / Float(configuration.batch)
      state.priorVariance[index] += 0.1 * (mean - state.priorVariance[index])
    }
  }

  /// The mean of `−log p(x)` of held-out samples under the averaged weights, in nats per sample.
  ///
  /// Keeps the best averaged weights, and begins a new interval of recent training losses.
  package func validate(
    _ state: inout TrainingState, on samples: [Float], labels: [Int]? = nil, workers: Int
  ) -> Double {
    let logDensity = flow.logDensity(
      samples, labels: labels, weights: state.average,
      execution: Execution(workers: workers))
    let loss = -logDensity.reduce(0, +) / Double(logDensity.count)
    state.keep(loss: loss)
    return loss
  }
}
