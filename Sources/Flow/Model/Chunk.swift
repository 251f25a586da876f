import Kernels

/// Samples of a batch that one worker takes through the network at once.
struct Chunk {
  /// Its number among the chunks of the batch.
  let index: Int
  /// Which samples of the batch they are.
  let samples: Range<Int>
  /// Their rows of the batch, [samples · tokens, D], which may be overwritten.
  let x: Matrix
  /// The class of each sample, −1 for none; nil for an unconditional flow.
  let labels: [Int]?
  let weights: Weights
  /// The worker's scratch memory.
  let arena: Arena

  /// The chunk cut into smaller ones, of `count` samples but for the last.
  func cut(by count: Int) -> [Chunk] {
    let tokens = x.rows / samples.count
    return ranges(samples.count, by: count).map { range in
      Chunk(
        index: index,
        samples: samples.lowerBound + range.lowerBound..<samples.lowerBound + range.upperBound,
        x: x.rows(range.lowerBound * tokens..<range.upperBound * tokens),
        labels: labels.map { Array($0[range]) }, weights: weights, arena: arena)
    }
  }

  /// The memory of a sum for each sample, from 0, and the sums that `body` has left there.
  func sums(_ body: (UnsafeMutablePointer<Double>) -> Void) -> [Double] {
    [Double](unsafeUninitializedCapacity: samples.count) { buffer, count in
      buffer.initialize(repeating: 0)
      if let base = buffer.baseAddress { body(base) }
      count = samples.count
    }
  }
}

/// 0 ..< count in ranges of `size` but for the last.
func ranges(_ count: Int, by size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
}

/// 0 ..< count in `parts` ranges of equal length, to one.
func ranges(_ count: Int, parts: Int) -> [Range<Int>] {
  (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
}

/// What a pass over a batch needs beside the weights: their panels when a matrix unit multiplies
/// them, and the scratch memory of each worker.
struct Workspace {
  let panels: WeightPanels?
  private(set) var arenas: [Arena]

  /// Memory for passes with changing weights; `update` fills the panels.
  init(_ layout: ParameterLayout, unit: MatrixUnit?, gradient: Bool) {
    panels = unit.map { WeightPanels(layout, unit: $0, gradient: gradient) }
    arenas = []
  }

  /// Memory for passes with these weights.
  init(_ layout: ParameterLayout, _ weights: [Float], _ execution: Execution, gradient: Bool) {
    self.init(layout, unit: execution.unit, gradient: gradient)
    update(from: weights, workers: execution.workers)
  }

  /// Takes the weights as they are now; a pass will use so many workers.
  mutating func update(from weights: [Float], workers: Int) {
    panels?.update(from: weights, workers: workers)
    while arenas.count < workers { arenas.append(Arena()) }
    arenas.removeLast(arenas.count - workers)
  }
}

extension TarFlow {
  /// Runs `body` on chunks of a batch [batch, tokens, features], on the workers of the workspace,
  /// and returns its results in the order of the chunks.
  ///
  /// - Parameters:
  ///   - x: The batch; what `body` writes into its chunk stays there.
  ///   - ranges: The samples of each chunk.
  func mapChunks<Result>(
    of x: inout [Float], _ ranges: [Range<Int>], labels: [Int]?, weights: [Float],
    in workspace: Workspace, _ body: (Chunk) -> Result
  ) -> [Result] {
    guard !ranges.isEmpty else { return [] }
    let tokens = configuration.tokens
    return x.withUnsafeMutableMatrix(columns: configuration.features) { x in
      withWeights(weights, panels: workspace.panels) { w in
        parallelMap(ranges.count, workers: workspace.arenas.count) { index, worker in
          let samples = ranges[index]
          workspace.arenas[worker].reset()
          return body(
            Chunk(
              index: index, samples: samples,
              x: x.rows(samples.lowerBound * tokens..<samples.upperBound * tokens),
              labels: labels.map { Array($0[samples]) }, weights: w,
              arena: workspace.arenas[worker]))
        }
      }
    }
  }
}

extension [Float] {
  /// The array as a matrix with rows of `columns`, for the time of `body`.
  mutating func withUnsafeMutableMatrix<Result>(columns: Int, _ body: (Matrix) -> Result) -> Result
  {
    withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("an empty array as a matrix") }
      return body(Matrix(base, rows: buffer.count / columns, columns: columns))
    }
  }
}
