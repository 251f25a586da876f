import Kernels

/// Maximum-likelihood training of a flow on samples that are held in memory.
///
/// The gradient of a batch is the sum of parts that its shape alone determines, added in a fixed order, so that the result
/// does not depend on the number of workers; which samples a step sees depends on the seed and the step alone.
package struct Trainer {
  package let flow: TarFlow
  package let configuration: TrainingConfiguration
  package let seed: UInt64
  /// Training samples, [samples, tokens, features].
  let samples: [Float]
  /// Their classes, and how often a class is left out of a batch.
  let labels: TrainingLabels?
  /// Changes one sample of a batch, [batch, tokens, features], before it is used (random rotations, noise).
  let augment: (@Sendable (_ batch: inout [Float], _ sample: Int, inout RandomGenerator) -> Void)?
  private let shards: [Shard]
  /// The sum of the parts' gradients.
  private var gradient: [Float]
  /// The panels of the weights when a matrix unit multiplies them.
  private let panels: WeightPanels?
  /// The workers' scratch memory.
  private var arenas: [Arena] = []
  private var batch: [Float]
  private var batchLabels: [Int]?
  private var shuffled: (epoch: Int, order: [Int]) = (-1, [])

  /// The gradient of a part of the batch.
  private final class Shard {
    let range: Range<Int>
    var gradient: [Float]
    var loss = 0.0
    /// The sum of z² over the samples, for the variance of the prior; empty when that is fixed.
    var squares: [Float]

    init(range: Range<Int>, flow: TarFlow) {
      self.range = range
      gradient = [Float](repeating: 0, count: flow.layout.count)
      squares = flow.learnsPriorVariance ? [Float](repeating: 0, count: flow.dimensions) : []
    }

    func addSquares(of z: Matrix) {
      for element in 0..<z.count {
        squares[element % squares.count] += z.base[element] * z.base[element]
      }
    }
  }

  /// - Throws: `FlowError.configuration` when the numbers do not fit the samples.
  package init(
    _ flow: TarFlow, _ configuration: TrainingConfiguration, samples: [Float],
    labels: TrainingLabels? = nil, seed: UInt64,
    augment: (@Sendable (_ batch: inout [Float], _ sample: Int, inout RandomGenerator) -> Void)? =
      nil
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
    panels = try unit(for: configuration.precision, of: flow).map {
      WeightPanels(flow.layout, unit: $0, gradient: true)
    }
    gradient = [Float](repeating: 0, count: flow.layout.count)
    batch = [Float](repeating: 0, count: configuration.batch * flow.dimensions)
    let count = flow.shardCount(batch: configuration.batch)
    shards = (0..<count).map { shard in
      let cuts = [shard, shard + 1].map { configuration.batch * $0 / count }
      return Shard(range: cuts[0]..<cuts[1], flow: flow)
    }
  }

  /// The samples of a step: consecutive parts of a new random order in every epoch.
  private mutating func indices(step: Int) -> ArraySlice<Int> {
    let count = samples.count / flow.dimensions
    let steps = count / configuration.batch
    let epoch = step / steps
    if shuffled.epoch != epoch {
      var generator = RandomGenerator(seed: seed, stream: .shuffling, step: epoch)
      shuffled = (epoch, Array(0..<count).shuffled(using: &generator))
    }
    let first = step % steps * configuration.batch
    return shuffled.order[first..<first + configuration.batch]
  }

  private mutating func fillBatch(step: Int) {
    let size = flow.dimensions
    let indices = indices(step: step)
    batchLabels = labels?.batch(indices, seed: seed, step: step)
    for (place, sample) in indices.enumerated() {
      batch.replaceSubrange(
        place * size..<(place + 1) * size, with: samples[sample * size..<(sample + 1) * size])
      guard let augment else { continue }
      var generator = RandomGenerator(seed: seed, stream: .augmentation, step: step, index: place)
      augment(&batch, place, &generator)
    }
  }

  /// One optimizer step; returns the mean of `−log p(x)` of its batch before the step, in nats per sample.
  /// - Throws: `FlowError.diverged`; the state is then as before.
  package mutating func step(_ state: inout TrainingState, workers: Int) throws(FlowError) -> Double
  {
    fillBatch(step: state.step)
    accumulateGradient(state.weights, workers: workers)
    let loss = shards.reduce(0) { $0 + $1.loss } / Double(configuration.batch)
    sumGradients(shards.map(\.gradient), into: &gradient, workers: workers)
    let norm = gradientNorm(gradient)
    guard loss.isFinite, norm.isFinite else { throw .diverged(step: state.step, seed: seed) }
    configuration.optimizer.update(
      step: state.step + 1, learningRate: configuration.learningRate(step: state.step),
      gradient: gradient,
      gradientFactor: Float(min(1, configuration.clip / max(norm, 1e-30))),
      moments: &state.moments, weights: &state.weights, workers: workers)
    updatePriorVariance(&state)
    // A short memory at first, so that the initial weights are forgotten.
    let decay = min(configuration.averageDecay, Double(1 + state.step) / Double(10 + state.step))
    updateMovingAverage(&state.average, of: state.weights, decay: decay, workers: workers)
    state.step += 1
    state.recentLoss += loss
    state.recentSteps += 1
    return loss
  }

  /// `var ← 0.9 var + 0.1 ⟨z²⟩` over the batch, with z from before the step (the published code's running update).
  private func updatePriorVariance(_ state: inout TrainingState) {
    guard flow.learnsPriorVariance else { return }
    for index in state.priorVariance.indices {
      let mean =
        shards.reduce(Float(0)) { $0 + $1.squares[index] } / Float(configuration.batch)
      state.priorVariance[index] += 0.1 * (mean - state.priorVariance[index])
    }
  }

  private mutating func accumulateGradient(_ weights: [Float], workers: Int) {
    panels?.update(from: weights, workers: workers)
    let factor = 1 / Float(configuration.batch * flow.dimensions)
    let used = min(max(1, workers), shards.count)
    while arenas.count < used { arenas.append(Arena()) }
    let batchLabels = batchLabels
    batch.withUnsafeMutableMatrix(columns: flow.configuration.features) { x in
      withWeights(weights, panels: panels) { w in
        parallel(shards.count, workers: used) { index, worker in
          let shard = shards[index]
          let arena = arenas[worker]
          shard.loss = 0
          for index in shard.squares.indices { shard.squares[index] = 0 }
          shard.gradient.withUnsafeMutableMatrix(columns: 1) { gradient in
            gradient.fill(0)
            for first in stride(
              from: shard.range.lowerBound, to: shard.range.upperBound, by: flow.chunk)
            {
              let samples = first..<min(first + flow.chunk, shard.range.upperBound)
              arena.reset()
              shard.loss += flow.accumulate(
                x.rows(flow.rows(of: samples)), labels: batchLabels.map { Array($0[samples]) },
                weights: w, gradient: gradient.base, factor: factor, arena: arena,
                onOutput: flow.learnsPriorVariance ? shard.addSquares : nil)
            }
          }
        }
      }
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

/// The unit for a precision; nil for BLAS, which in single precision is as fast on wide layers, and needs no panels.
private func unit(for precision: Precision, of flow: TarFlow) throws(FlowError) -> MatrixUnit? {
  let unit = MatrixUnit.best(for: precision)
  if unit?.rounds == false, flow.configuration.width > 192 { return nil }
  if precision == .bf16, unit == nil {
    throw .configuration(
      "training.precision is bf16, which this CPU has no unit for (AMX or AVX-512 BF16); train in fp32, or "
        + "go on with a run where it began")
  }
  return unit
}

extension TarFlow {
  /// The parts of a batch whose gradients are summed one by one; up to so many workers share a step.
  ///
  /// It depends on the shapes alone, since it fixes the order of the sums. A part is worth the effort from some 700
  /// tokens on, and the gradients of all parts should not need more memory than 2²⁶ numbers.
  package func shardCount(batch: Int) -> Int {
    let byTokens = batch * configuration.tokens / 700
    let byMemory = (1 << 26) / layout.count
    // A power of two, which most numbers of workers share evenly.
    let count = [2, 4, 8, 16].last { $0 <= min(byTokens, byMemory) } ?? 2
    return min(batch, count)
  }
}
