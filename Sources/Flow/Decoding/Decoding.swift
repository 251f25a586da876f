import Kernels

/// How the blocks of a flow are inverted.
package enum Decoding: Equatable, Sendable {
  /// Token by token, with a cache of keys and values.
  case sequential
  /// By iteration, for flows of the published form.
  case fixedPoint(FixedPoint)

  /// The samples that a worker decodes together, of a batch.
  fileprivate func chunks(batch: Int, tokens: Int) -> [Range<Int>] {
    switch self {
    case .sequential:
      let multiple = Tuning.decodedChunks
      let size = multiple * Tuning.decodedSamples
      return ranges(batch, parts: min(batch, (batch + size - 1) / size * multiple))
    case .fixedPoint(let fixedPoint):
      // Fixed, since samples that go together end together.
      return ranges(batch, by: max(1, Tuning.chunkTokens / min(fixedPoint.segment, tokens)))
    }
  }
}

/// Decoded samples.
package struct DecodedSamples: Sendable {
  /// [batch, tokens, features].
  package let x: [Float]
  /// `log|∂x/∂z|` of each sample, [batch], in nats.
  package let logDeterminant: [Double]
  /// How often a token went through its Transformer, on average; 1 for sequential decoding.
  package let passes: Double
}

extension TarFlow {
  /// Whether the flow has the published form, which fixed-point decoding is for.
  package var hasPublishedForm: Bool {
    configuration.transform != .mixture && !configuration.withinToken && !configuration.startToken
      && !configuration.finalNorm && configuration.present == nil
  }

  /// Maps the prior to data, the inverse of `encode`, on several workers.
  ///
  /// `encode(decode(z)) = z` and `decode(encode(x)) = x` to 3e-5, as are the log-determinants, and
  /// the bits are the same for any number of workers (`InvertibilityTests`); the published code's
  /// samples agree to 1e-4 of the largest element, guided ones too (`GoldenTests`). Fixed-point
  /// decoding without a tolerance is sequential decoding to rounding (`FixedPointTests`).
  ///
  /// - Parameters:
  ///   - z: [batch, tokens, features].
  ///   - labels: The class of each sample, −1 for none; nil for an unconditional flow.
  ///   - guidance: For affine parameters of a linear output layer only.
  ///   - range: The blocks to invert, the last first; all by default.
  ///   - execution: With a unit that rounds, the result belongs to a slightly different flow, and
  ///     the log-determinant is that flow's own: a map of the tokens before is triangular however
  ///     it rounds (`PrecisionTests`).
  ///   - onProgress: Is told how many more samples are done, from any thread.
  package func decode(
    _ z: [Float], labels: [Int]? = nil, guidance: Guidance? = nil,
    by decoding: Decoding = .sequential, blocks range: Range<Int>? = nil, weights: [Float],
    execution: Execution = Execution(), onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> DecodedSamples {
    let batch = batchSize(z, labels: labels, weights: weights)
    checkForm(decoding, guidance)
    let blocks = blocks[range ?? 0..<blocks.count]
    let guidance = guidance?.weight == 0 ? nil : guidance
    let workspace = Workspace(layout, weights, execution, gradient: false)
    var x = z
    let chunks = decoding.chunks(batch: batch, tokens: configuration.tokens)
    let parts = mapChunks(of: &x, chunks, labels: labels, weights: weights, in: workspace) {
      chunk in
      var rows = 0
      let logDeterminant = chunk.sums { logDeterminant in
        for block in blocks.reversed() {
          chunk.arena.reset()
          switch decoding {
          case .sequential:
            block.invertTokenByToken(chunk, guidance: guidance, logDeterminant: logDeterminant)
            rows += chunk.samples.count * max(1, configuration.tokens - 1)
          case .fixedPoint(let fixedPoint):
            rows += block.invertByIteration(
              chunk, guidance: guidance, fixedPoint, logDeterminant: logDeterminant)
          }
        }
      }
      onProgress?(chunk.samples.count)
      return (rows: rows, logDeterminant: logDeterminant)
    }
    let onePass = batch * max(1, configuration.tokens - 1) * blocks.count
    let rows = parts.reduce(0) { $0 + $1.rows }
    return DecodedSamples(
      x: x, logDeterminant: parts.flatMap(\.logDeterminant),
      passes: onePass == 0 ? 0 : Double(rows) / Double(onePass))
  }

  private func checkForm(_ decoding: Decoding, _ guidance: Guidance?) {
    precondition(
      guidance == nil || (configuration.transform != .mixture && !configuration.withinToken),
      "guidance of a flow without affine parameters")
    precondition(
      decoding == .sequential || hasPublishedForm,
      "fixed-point decoding of a flow with a start token or head")
  }
}
