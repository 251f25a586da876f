import Kernels

/// A fixed part of a training batch, whose gradient is summed on its own.
///
/// Which samples are a part depends on the shapes alone, since the parts fix the order in which the
/// gradient is summed.
final class BatchPart {
  /// Its samples in the batch.
  let samples: Range<Int>
  /// Empty while the trainer has taken it.
  private(set) var gradient: [Float]
  /// `log p` of the samples.
  private(set) var logDensities: [Double] = []
  /// `Σ z²` over the samples, for the variance of the prior; empty when that is fixed.
  private(set) var squares: [Float]

  init(samples: Range<Int>, flow: TarFlow) {
    self.samples = samples
    gradient = [Float](repeating: 0, count: flow.layout.count)
    squares = flow.learnsPriorVariance ? [Float](repeating: 0, count: flow.dimensions) : []
  }

  /// Hands the gradient over, or takes its memory back: the sum over a batch needs none of its own.
  func exchangeGradient(with other: inout [Float]) { swap(&gradient, &other) }

  /// Takes the log-densities of the part's samples and the gradient `Σᵢ cᵢ ∂ log p(xᵢ)/∂w`, chunk
  /// by chunk.
  func accumulate(
    _ part: Chunk, flow: TarFlow, coefficient: (_ sample: Int, _ logDensity: Double) -> Float
  ) {
    logDensities.removeAll(keepingCapacity: true)
    for index in squares.indices { squares[index] = 0 }
    gradient.withUnsafeMutableMatrix(columns: 1) { gradient in
      gradient.fill(0)
      for chunk in part.cut(by: flow.chunkSize) {
        chunk.arena.reset()
        let result = flow.accumulate(
          chunk, gradient: gradient.base, coefficient: coefficient)
        logDensities += result.logDensities
        if let z = result.z { addSquares(of: z) }
      }
    }
  }

  private func addSquares(of z: Matrix) {
    for element in 0..<z.count {
      squares[element % squares.count] += z.base[element] * z.base[element]
    }
  }
}

extension TrainingConfiguration {
  /// The parts of a batch whose gradients are summed one by one; up to so many workers, of all
  /// ranks together, share a step.
  package func partCount(of flow: TarFlow) -> Int {
    step.parts == 0 ? flow.partCount(batch: step.batch) : min(step.batch, step.parts)
  }
}

extension TarFlow {
  /// The parts of a batch of which no number is given.
  ///
  /// It depends on the shapes alone, since it fixes the order of the sums.
  package func partCount(batch: Int) -> Int {
    let byTokens = batch * configuration.tokens / Tuning.partTokens
    let byMemory = Tuning.partNumbers / layout.count
    let count =
      Tuning.partCounts.last { $0 <= min(byTokens, byMemory) } ?? Tuning.partCounts[0]
    return min(batch, count)
  }

  /// What multiplies by the weights in training with a precision; nil for BLAS.
  /// - Throws: `FlowError.configuration` when this CPU has no unit for the precision.
  func trainingUnit(for precision: Precision) throws(FlowError) -> MatrixUnit? {
    let unit = MatrixUnit.best(for: precision)
    if unit?.rounds == false, configuration.width > Tuning.panelWidth { return nil }
    if precision == .bf16, unit == nil {
      throw .configuration(
        "bf16 needs AMX or AVX-512 BF16, which this CPU lacks; train in fp32, or continue the run "
          + "on the machine where it began")
    }
    return unit
  }
}
