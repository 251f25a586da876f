import Kernels

extension TarFlow {
  /// The bytes that a training takes: the state, once more while a checkpoint is written, the
  /// gradients of the batch's parts, the weights in panels, the samples, and the
  /// scratch memory of each worker, in training and again in validation.
  ///
  /// Each term is what the type that takes the memory says of itself; `TrainingMemoryTests`
  /// compares them with the memory that is taken.
  ///
  /// - Parameters:
  ///   - batch: Samples of a step.
  ///   - parts: Of a batch; by default as many as the shapes suggest.
  ///   - samples: Training samples.
  package func trainingMemory(
    batch: Int, parts: Int? = nil, samples: Int, workers: Int, precision: Precision
  ) -> Int {
    let unit = try? trainingUnit(for: precision)
    let validating = MatrixUnit.best(for: .fp32)
    let parts = parts ?? partCount(batch: batch)
    let arrays = 2 * TrainingState.arrays + parts
    let panels = [(unit, true), (validating, false)].reduce(0) { sum, use in
      sum
        + (use.0.map { WeightPanels.bytes(layout, unit: $0, gradient: use.1) } ?? 0)
    }
    let chunk = min(chunkSize, (batch + parts - 1) / parts)
    return MemoryLayout<Float>.size * (arrays * layout.count + (samples + batch) * dimensions)
      + panels + min(workers, parts) * gradientBytes(chunk: chunk, unit: unit)
      + workers * densityBytes(chunk: chunkSize, unit: validating)
  }

  /// The bytes of an arena that `accumulate` takes for a chunk.
  func gradientBytes(chunk: Int, unit: MatrixUnit?) -> Int {
    let rows = chunk * configuration.tokens
    let latents = learnsPriorVariance ? Arena.bytes(floats: rows * configuration.features) : 0
    return BlockGradientScratch.bytes(rows: rows, flow: configuration, unit: unit)
      + cacheBytes(rows: rows) + latents
  }

  /// The bytes of an arena that `logDensity` takes for a chunk.
  func densityBytes(chunk: Int, unit: MatrixUnit?) -> Int {
    let rows = chunk * configuration.tokens
    return LayerScratch.bytes(rows: rows, flow: configuration, unit: unit, gradient: false)
      + cacheBytes(rows: rows)
  }

  /// The bytes of what the blocks keep, and of what goes from one to the next.
  private func cacheBytes(rows: Int) -> Int {
    configuration.blocks * BlockCache.bytes(rows: rows, flow: configuration)
      + (configuration.blocks - 1) * Arena.bytes(floats: rows * configuration.features)
  }
}
