import Kernels

/// A TarFlow: a stack of causal Transformer blocks that maps data x to standard normal z, with its
/// log-determinant.
///
/// The value holds the shape only; the weights are an argument, one flat array in the order of
/// `layout`. Results have the same bits for any number of workers (`InvertibilityTests`).
/// - SeeAlso: Zhai et al. 2024, *Normalizing Flows are Capable Generative Models*
///   (arXiv 2412.06329).
package struct TarFlow: Sendable {
  package let configuration: FlowConfiguration
  package let layout: ParameterLayout
  let blocks: [FlowBlock]

  /// - Parameter context: What a flow with `contextUnits` reads besides the tokens; others leave it
  ///   alone. Without it such a flow has its layout, but no pass.
  /// - Throws: `FlowError.configuration`.
  package init(
    _ configuration: FlowConfiguration, context: (any TokenContext)? = nil
  ) throws(FlowError) {
    var configuration = configuration
    if configuration.contextUnits > 0, let context {
      try require(
        configuration.context.map { $0 == context.shape } ?? true,
        "the context is not the one that the weights were made for")
      configuration.context = context.shape
    }
    try configuration.validate()
    var layout = ParameterLayout()
    let parameters = (0..<configuration.blocks).map {
      BlockParameters(&layout, "blocks.\($0)", configuration)
    }
    self.configuration = configuration
    self.layout = layout
    blocks = parameters.enumerated().map { index, parameters in
      FlowBlock(
        configuration, parameters, index: index,
        context: configuration.context == nil ? nil : context)
    }
  }

  /// The numbers of one sample, T · D.
  package var dimensions: Int { configuration.tokens * configuration.features }

  /// The samples of a chunk.
  package var chunkSize: Int {
    // A layer keeps ten numbers for each of the stream's (`LayerCache`, with the usual expansion).
    // Another expansion counts alike: the chunks fix the order in which a gradient is summed.
    let kept = 40 * configuration.blocks * configuration.layers * configuration.width
    return max(1, min(Tuning.chunkTokens, Tuning.keptBytes / kept) / configuration.tokens)
  }

  /// Maps data to the prior, block by block.
  ///
  /// `decode` undoes it to 3e-5 (`InvertibilityTests`), the published code's outputs agree to 1e-4
  /// of the largest (`GoldenTests`), and the log-determinant is that of the numeric Jacobian to
  /// 1e-4 (`JacobianTests`).
  ///
  /// - Parameters:
  ///   - x: [batch, tokens, features].
  ///   - labels: The class of each sample, −1 for none; nil for an unconditional flow.
  ///   - range: The blocks to apply, the first first; all by default.
  /// - Returns: z, shaped as x, and `log|∂z/∂x|` of each sample, [batch], in nats.
  package func encode(
    _ x: [Float], labels: [Int]? = nil, blocks range: Range<Int>? = nil, weights: [Float],
    execution: Execution = .serial
  ) -> (z: [Float], logDeterminant: [Double]) {
    let batch = batchSize(x, labels: labels, weights: weights)
    let blocks = blocks[range ?? 0..<blocks.count]
    let workspace = Workspace(layout, weights, execution, gradient: false)
    var z = x
    let logDeterminants = mapChunks(
      of: &z, ranges(batch, by: chunkSize), labels: labels, weights: weights, in: workspace
    ) { chunk in
      chunk.sums { logDeterminant in
        for block in blocks {
          chunk.arena.reset()
          let scratch = LayerScratch(
            rows: chunk.x.rows, flow: configuration, unit: workspace.panels?.unit, in: chunk.arena)
          let cache = block.forward(
            chunk.x, labels: chunk.labels, weights: chunk.weights, densityOnly: false,
            logDeterminant: logDeterminant, scratch: scratch, arena: chunk.arena)
          block.scatter(cache.z, into: chunk.x)
        }
      }
    }
    return (z, logDeterminants.flatMap { $0 })
  }

  func batchSize(_ x: [Float], labels: [Int]?, weights: [Float]) -> Int {
    precondition(
      weights.count == layout.count, "\(weights.count) weights for \(layout.count) parameters")
    precondition(
      configuration.context == nil || blocks[0].context != nil,
      "a flow with \(configuration.contextUnits) context units, without the context")
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
