import Foundation
import Kernels

extension TarFlow {
  /// The equal parts of a batch that a worker decodes together, about 96 samples each: four or a multiple, which few
  /// workers share evenly, and the same for any number of workers.
  private func decodingChunks(_ batch: Int) -> Int { min(batch, (batch + 383) / 384 * 4) }

  /// Maps the prior to data, the inverse of `encode`, token by token with a key–value cache, on several workers.
  ///
  /// - Parameters:
  ///   - z: [batch, tokens, features].
  ///   - guidance: For affine parameters of a linear output layer only.
  ///   - range: The blocks to invert, the last first; all by default.
  ///   - execution: With a unit that rounds, the result belongs to a slightly different flow, and the log-determinant is
  ///     that flow's own: a map of the tokens before is triangular however it rounds.
  ///   - onProgress: Is told how many more samples are done, from any thread.
  /// - Returns: x, shaped as z, and `log|∂x/∂z|` of each sample, [batch], in nats.
  package func decode(
    _ z: [Float], labels: [Int]? = nil, guidance: Guidance? = nil, blocks range: Range<Int>? = nil,
    weights: [Float], execution: Execution = Execution(),
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> (x: [Float], logDeterminant: [Double]) {
    precondition(
      guidance == nil || (configuration.transform != .mixture && !configuration.withinToken),
      "guidance of a flow without affine parameters")
    let blocks = blocks[range ?? 0..<blocks.count]
    let guidance = guidance?.weight == 0 ? nil : guidance
    let batch = batchSize(z, labels: labels, weights: weights)
    var x = z
    var logDeterminant = [Double](repeating: 0, count: batch)
    let chunks = decodingChunks(batch)
    let arenas = (0..<execution.workers).map { _ in Arena() }
    withWeights(weights, panels: panels(weights, execution)) { w in
      x.withUnsafeMutableMatrix(columns: configuration.features) { x in
        logDeterminant.withBase { logDeterminant in
          parallel(chunks, workers: arenas.count) { index, worker in
            let samples = index * batch / chunks..<(index + 1) * batch / chunks
            for block in blocks.reversed() {
              let arena = arenas[worker]
              arena.reset()
              block.decode(
                x.rows(rows(of: samples)), labels: labels.map { Array($0[samples]) },
                guidance: guidance, weights: w,
                logDeterminant: logDeterminant + samples.lowerBound, arena: arena)
            }
            onProgress?(samples.count)
          }
        }
      }
    }
    return (x, logDeterminant)
  }

  /// Draws samples from the flow, the same for the same seed and index whatever the number of workers.
  ///
  /// - Parameter priorScale: The standard deviation s of z. The flow was trained with 1; a little more makes wider
  ///   proposals, whose importance weights have lighter tails.
  /// - Returns: x [count, tokens, features] and the log-density with which it was drawn,
  ///   `log N(z; 0, s²) + log|∂z/∂x|`, [count], in nats.
  package func sample(
    _ count: Int, from first: Int = 0, seed: UInt64, priorScale: Double = 1, weights: [Float],
    execution: Execution = Execution(),
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) -> (x: [Float], logDensity: [Double]) {
    var z = [Float](repeating: 0, count: count * dimensions)
    var logDensity = [Double](repeating: 0, count: count)
    for index in 0..<count {
      var generator = RandomGenerator(seed: seed, stream: .sampling, index: first + index)
      for d in 0..<dimensions {
        let value = Float(priorScale * generator.normal())
        z[index * dimensions + d] = value
        logDensity[index] += logNormalDensity(Double(value) / priorScale) - log(priorScale)
      }
    }
    let (x, logDeterminant) = decode(
      z, weights: weights, execution: execution, onProgress: onProgress)
    for index in 0..<count { logDensity[index] -= logDeterminant[index] }
    return (x, logDensity)
  }
}

extension FlowBlock {
  /// Decodes z [batch · tokens, D] in place; adds log|∂x/∂z| of each sample.
  func decode(
    _ samples: Matrix, labels: [Int]?, guidance: Guidance?, weights w: Weights,
    logDeterminant: UnsafeMutablePointer<Double>, arena: Arena
  ) {
    let batch = samples.rows / flow.tokens
    let buffers = DecodingBuffers(batch: batch, flow: flow, weights: w, in: arena)
    let unconditional = guidance.map {
      UnconditionalPass(
        guidance: $0, buffers: DecodingBuffers(batch: batch, flow: flow, weights: w, in: arena))
    }
    for position in 0..<flow.tokens {
      if flow.startToken || position > 0 {
        let row = flow.startToken ? position : position - 1
        enter(buffers, position: position, labels: labels, weights: w)
        advance(buffers, position: row, weights: w)
        if let unconditional {
          unconditional.buffers.x.copy(from: buffers.x)
          enter(unconditional.buffers, position: position, labels: nil, weights: w)
          advance(
            unconditional.buffers, position: row,
            temperature: Float(unconditional.guidance.attentionTemperature), weights: w)
        }
      } else {
        buffers.transformParameters.fill(0)
      }
      for sample in 0..<batch {
        let token = samples[sample * flow.tokens + order[position]]
        buffers.z[sample].update(from: token, count: flow.features)
      }
      invert(
        buffers, unconditional: unconditional, position: position, weights: w,
        logDeterminant: logDeterminant)
      for sample in 0..<batch {
        samples[sample * flow.tokens + order[position]].update(
          from: buffers.x[sample], count: flow.features)
      }
    }
  }

  /// Puts the last decoded token, or the start token, into the stream.
  private func enter(
    _ buffers: DecodingBuffers, position: Int, labels: [Int]?,
    weights w: Weights
  ) {
    if position > 0 {
      linear(
        buffers.x, weight: parameters.projIn.matrix(w), bias: parameters.projIn.bias.vector(w),
        into: buffers.layer.input, scratch: buffers.scratch.products)
    } else if let start = parameters.start {
      linearBias(start.vector(w), into: buffers.layer.input)
    }
    for sample in 0..<buffers.x.rows {
      addConditioning(
        to: buffers.layer.input[sample], position: flow.startToken ? position : position - 1,
        label: labels?[sample], weights: w)
    }
  }

  /// Runs one token of every sample through the layers, to the Transformer's output.
  private func advance(
    _ buffers: DecodingBuffers, position: Int, temperature: Float = 1,
    weights w: Weights
  ) {
    for (layer, cache) in zip(parameters.layers, buffers.caches) {
      transformerLayer(buffers.layer, layer, weights: w, scratch: buffers.scratch) {
        qkv, out in
        cache.attend(qkv, position: position, temperature: temperature, into: out)
      }
      buffers.layer.input.copy(from: buffers.layer.output)
    }
    if let norm = parameters.finalNorm {
      layerNorm(
        buffers.layer.input, scale: norm.scale.vector(w), shift: norm.shift.vector(w),
        into: buffers.hidden,
        saving: buffers.layer.attentionNorm)
    } else {
      buffers.hidden.copy(from: buffers.layer.input)
    }
  }

  /// Inverts the transform of one token of every sample, feature by feature where the head needs it.
  private func invert(
    _ buffers: DecodingBuffers, unconditional: UnconditionalPass?, position: Int,
    weights w: Weights, logDeterminant: UnsafeMutablePointer<Double>
  ) {
    let first = !flow.startToken && position == 0
    let head = parameters.head.map {
      WithinTokenHead(parameters: $0, flow: flow, scratch: buffers.scratch.products)
    }
    if let head {
      head.begin(
        buffers.hidden, weights: w, into: buffers.transformParameters, saving: buffers.head)
    } else if !first, let projOut = parameters.projOut {
      linear(
        buffers.hidden, weight: projOut.matrix(w), bias: projOut.bias.vector(w),
        into: buffers.transformParameters, scratch: buffers.scratch.products)
      if let unconditional {
        linear(
          unconditional.buffers.hidden, weight: projOut.matrix(w),
          bias: projOut.bias.vector(w), into: unconditional.buffers.transformParameters,
          scratch: buffers.scratch.products)
        unconditional.guidance.apply(
          to: buffers.transformParameters, unconditional: unconditional.buffers.transformParameters,
          index: AffineIndex(flow),
          features: flow.features,
          weight: unconditional.guidance.weight(at: position, of: flow.tokens))
      }
    }
    for d in 0..<flow.features {
      head?.step(
        d, x: buffers.x, weights: w, into: buffers.transformParameters, saving: buffers.head)
      if flow.transform == .mixture {
        mixtureInverse(
          buffers.z, feature: d, parameters: buffers.transformParameters,
          components: flow.components, into: buffers.x,
          logDeterminant: logDeterminant, solved: buffers.solved)
      } else {
        affineInverse(
          buffers.z, feature: d, parameters: buffers.transformParameters, index: AffineIndex(flow),
          into: buffers.x,
          logDeterminant: logDeterminant)
      }
    }
  }
}

/// The second pass of guided decoding.
private struct UnconditionalPass {
  let guidance: Guidance
  let buffers: DecodingBuffers
}

/// The memory of one decoding step, used again for every token; one row for each sample.
private struct DecodingBuffers {
  let z: Matrix
  let x: Matrix
  let transformParameters: Matrix
  let hidden: Matrix
  let layer: LayerCache
  let scratch: LayerScratch
  /// Keys and values of each layer.
  let caches: [KeyValueCache]
  let head: HeadCache
  /// Marks of the rows whose mixture is inverted.
  let solved: UnsafeMutablePointer<UInt8>

  init(batch: Int, flow: FlowConfiguration, weights: Weights, in arena: Arena) {
    z = arena.matrix(batch, flow.features)
    x = arena.matrix(batch, flow.features)
    transformParameters = arena.matrix(batch, flow.features * flow.parametersPerFeature)
    hidden = arena.matrix(batch, flow.width)
    layer = LayerCache(input: arena.matrix(batch, flow.width), flow: flow, in: arena)
    caches = (0..<flow.layers).map { _ in
      KeyValueCache(
        batch: batch, tokens: flow.tokens, heads: flow.width / flow.headWidth,
        headWidth: flow.headWidth, in: arena)
    }
    head = HeadCache(rows: batch, flow: flow, in: arena)
    solved = arena.memory(of: UInt8.self, batch)
    scratch = LayerScratch(rows: batch, flow: flow, weights: weights, in: arena)
  }
}
