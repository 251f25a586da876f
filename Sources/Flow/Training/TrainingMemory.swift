import Kernels

extension TarFlow {
  /// The bytes that a training takes: the state, once more while a checkpoint is written, the
  /// gradients of the batch's parts, the weights in panels, the samples, the proposals and the last
  /// ones, and the scratch memory of each worker, in training and again in validation.
  ///
  /// Each term is what the type that takes the memory says of itself; `TrainingMemoryTests`
  /// compares them with the memory that is taken.
  ///
  /// - Parameters:
  ///   - batch: Samples of a step.
  ///   - parts: Of a batch; by default as many as the shapes suggest.
  ///   - ranks: How many share the parts; the bytes are those of one.
  ///   - samples: Training samples.
  ///   - proposals: Those that the training draws at once for itself; 0 for none.
  /// - Returns: Bytes; for the largest settings they overflow an Int.
  package func trainingMemory(
    batch: Int, parts: Int? = nil, ranks: Int = 1, samples: Int, proposals: Int = 0, workers: Int,
    precision: Precision
  ) -> Double {
    let unit = try? trainingUnit(for: precision)
    let validating = MatrixUnit.best(for: .fp32)
    let parts = parts ?? partCount(batch: batch)
    let own = (parts + ranks - 1) / ranks
    let panels = [(unit, true), (validating, false)].reduce(0) { sum, use in
      sum
        + (use.0.map { WeightPanels.bytes(layout, unit: $0, gradient: use.1) } ?? 0)
    }
    let chunk = min(chunkSize, (batch + parts - 1) / parts)
    let arrays =
      Double(2 * TrainingState.arrays(draws: proposals > 0))
      + BatchGradient.arrays(parts: parts, ranks: ranks)
    let data = Double(samples + batch + 2 * proposals) * Double(dimensions)
    return Double(MemoryLayout<Float>.size) * (arrays * Double(layout.count) + data)
      + Double(panels)
      + Double(min(workers, own)) * Double(gradientBytes(chunk: chunk, unit: unit))
      + Double(workers) * Double(densityBytes(chunk: chunkSize, unit: validating))
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
