import Kernels

/// A TarFlow: a stack of causal Transformer blocks that maps data x to standard normal z, with its log-determinant.
///
/// The value holds the shape only; the weights are an argument, one flat array in the order of `layout`.
/// - SeeAlso: Zhai et al. 2024, *Normalizing Flows are Capable Generative Models* (arXiv 2412.06329).
package struct TarFlow: Sendable {
  package let configuration: FlowConfiguration
  package let layout: ParameterLayout
  let blocks: [FlowBlock]

  /// - Throws: `FlowError.configuration`.
  package init(_ configuration: FlowConfiguration) throws(FlowError) {
    try configuration.validate()
    var layout = ParameterLayout()
    let parameters = (0..<configuration.blocks).map {
      BlockParameters(&layout, "blocks.\($0)", configuration)
    }
    self.configuration = configuration
    self.layout = layout
    blocks = parameters.enumerated().map { index, parameters in
      FlowBlock(flow: configuration, parameters: parameters, order: configuration.order(of: index))
    }
  }

  /// The numbers of one sample, T · D.
  package var dimensions: Int { configuration.tokens * configuration.features }

  /// Samples that a worker takes at once: about 768 tokens, so that matrices fill the registers and stay in the cache,
  /// but not more than what keeps some 200 MB for the gradient.
  package var chunk: Int {
    // A layer keeps ten numbers for each of the stream's.
    let kept = 40 * configuration.blocks * configuration.layers * configuration.width
    return max(1, min(768, 200_000_000 / kept) / configuration.tokens)
  }

  /// Maps data to the prior.
  ///
  /// - Parameters:
  ///   - x: [batch, tokens, features].
  ///   - labels: The class of each sample, −1 for none; nil for an unconditional flow.
  ///   - onBlock: Is shown the output of every block, [batch, tokens, features] in the flow's order.
  /// - Returns: z, shaped as x, and `log|∂z/∂x|` of each sample, [batch], in nats.
  package func encode(
    _ x: [Float], labels: [Int]? = nil, weights: [Float],
    execution: Execution = .serial, onBlock: ((Int, [Float]) -> Void)? = nil
  ) -> (z: [Float], logDeterminant: [Double]) {
    let batch = batchSize(x, labels: labels, weights: weights)
    var z = x
    var logDeterminant = [Double](repeating: 0, count: batch)
    let arena = Arena()
    withWeights(weights, panels: panels(weights, execution)) { w in
      z.withUnsafeMutableMatrix(columns: configuration.features) { z in
        logDeterminant.withBase { logDeterminant in
          for (index, block) in blocks.enumerated() {
            arena.reset()
            let scratch = LayerScratch(
              rows: z.rows, flow: configuration, weights: w, in: arena)
            let cache = block.forward(
              z, labels: labels, weights: w, densityOnly: false, logDeterminant: logDeterminant,
              scratch: scratch, arena: arena)
            block.scatter(cache.z, into: z)
            onBlock?(index, Array(UnsafeBufferPointer(start: z.base, count: z.count)))
          }
        }
      }
    }
    return (z, logDeterminant)
  }

  /// `log p(x) = log N(z; 0, 1) + log|∂z/∂x|` of each sample, [batch], in nats, on several workers.
  package func logDensity(
    _ x: [Float], labels: [Int]? = nil, weights: [Float],
    execution: Execution = Execution()
  ) -> [Double] {
    let batch = batchSize(x, labels: labels, weights: weights)
    var result = [Double](repeating: 0, count: batch)
    let chunks = (batch + chunk - 1) / chunk
    let arenas = (0..<execution.workers).map { _ in Arena() }
    var x = x
    withWeights(weights, panels: panels(weights, execution)) { w in
      x.withUnsafeMutableMatrix(columns: configuration.features) { x in
        result.withBase { result in
          parallel(chunks, workers: arenas.count) { index, worker in
            let samples = index * chunk..<min(batch, (index + 1) * chunk)
            let arena = arenas[worker]
            arena.reset()
            let x = x.rows(rows(of: samples))
            let scratch = LayerScratch(rows: x.rows, flow: configuration, weights: w, in: arena)
            _ = forward(
              x, labels: labels.map { Array($0[samples]) }, weights: w,
              logDensity: result + samples.lowerBound, scratch: scratch, arena: arena)
          }
        }
      }
    }
    return result
  }

  /// The mean of `−log p(x)/(T · D)` over the batch, and its gradients: with respect to the weights (added to
  /// `gradient`) and to x.
  ///
  /// With a standard normal prior this is the published loss `½⟨z²⟩ − ⟨log-determinant⟩/(T · D)` plus ½ log 2π.
  package func lossAndGradient(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = .serial,
    gradient: inout [Float]
  ) -> (loss: Double, inputGradient: [Float]) {
    let batch = batchSize(x, labels: labels, weights: weights)
    var dx = x
    var loss = 0.0
    let arena = Arena()
    withWeights(weights, panels: panels(weights, execution, gradient: true)) { w in
      dx.withUnsafeMutableMatrix(columns: configuration.features) { x in
        gradient.withUnsafeMutableMatrix(columns: 1) { gradient in
          let sum = accumulate(
            x, labels: labels, weights: w, gradient: gradient.base,
            factor: 1 / Float(batch * dimensions),
            arena: arena, inputGradient: x)
          loss = sum / Double(batch * dimensions)
        }
      }
    }
    return (loss, dx)
  }

  /// Adds the gradient of `−factor · Σ log p(x)` for the samples of x [batch · tokens, D]; returns `−Σ log p(x)`.
  ///
  /// - Parameter onOutput: Is shown z [batch · tokens, D] in the flow's order; not for a mixture, which has none here.
  func accumulate(
    _ x: Matrix, labels: [Int]?, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>,
    factor: Float, arena: Arena, inputGradient: Matrix? = nil,
    onOutput: ((_ z: Matrix) -> Void)? = nil
  ) -> Double {
    let batch = x.rows / configuration.tokens
    var logDensity = [Double](repeating: 0, count: batch)
    let scratch = LayerGradientScratch(rows: x.rows, flow: configuration, weights: w, in: arena)
    let caches = logDensity.withBase {
      forward(
        x, labels: labels, weights: w, logDensity: $0, scratch: scratch.layer, arena: arena)
    }
    if let onOutput, let last = blocks.last, let cache = caches.last {
      let z = arena.matrix(x.rows, x.columns)
      last.scatter(cache.z, into: z)
      onOutput(z)
    }
    var d: Matrix?
    for (block, cache) in zip(blocks, caches).reversed() {
      d = block.gradient(
        d, factor: -factor, cache: cache, weights: w, gradient: g, scratch: scratch, arena: arena)
    }
    if let inputGradient, let d { inputGradient.copy(from: d) }
    return -logDensity.reduce(0, +)
  }

  private func forward(
    _ x: Matrix, labels: [Int]?, weights w: Weights,
    logDensity: UnsafeMutablePointer<Double>, scratch: LayerScratch, arena: Arena
  ) -> [BlockCache] {
    var input = x
    var caches: [BlockCache] = []
    for (index, block) in blocks.enumerated() {
      let last = index == blocks.count - 1
      let cache = block.forward(
        input, labels: labels, weights: w, densityOnly: last, logDeterminant: logDensity,
        scratch: scratch, arena: arena)
      caches.append(cache)
      if !last {
        input = arena.matrix(x.rows, x.columns)
        block.scatter(cache.z, into: input)
      }
    }
    return caches
  }

  /// The weights' panels for the unit; nil for BLAS.
  func panels(
    _ weights: [Float], _ execution: Execution, gradient: Bool = false
  ) -> WeightPanels? {
    guard let unit = execution.unit else { return nil }
    let panels = WeightPanels(layout, unit: unit, gradient: gradient)
    panels.update(from: weights, workers: execution.workers)
    return panels
  }

  func rows(of samples: Range<Int>) -> Range<Int> {
    samples.lowerBound * configuration.tokens..<samples.upperBound * configuration.tokens
  }

  func batchSize(_ x: [Float], labels: [Int]?, weights: [Float]) -> Int {
    precondition(
      weights.count == layout.count, "\(weights.count) weights for \(layout.count) parameters")
    precondition(x.count % dimensions == 0, "\(x.count) numbers for samples of \(dimensions)")
    precondition(
      labels == nil || labels?.count == x.count / dimensions,
      "\(labels?.count ?? 0) labels for \(x.count / dimensions) samples")
    precondition(
      configuration.classes == 0 || labels?.allSatisfy { $0 < configuration.classes } ?? true,
      "label \(labels?.max() ?? 0) of \(configuration.classes) classes")
    return x.count / dimensions
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

extension [Double] {
  /// The address of the first element, for the time of `body`.
  mutating func withBase<Result>(_ body: (UnsafeMutablePointer<Double>) -> Result) -> Result {
    withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        preconditionFailure("an empty array of log-determinants")
      }
      return body(base)
    }
  }
}
