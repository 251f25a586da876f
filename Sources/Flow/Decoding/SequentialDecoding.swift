import Kernels

extension FlowBlock {
  /// Inverts a chunk z [batch · tokens, D] in place, token by token; adds log|∂x/∂z| of each
  /// sample.
  func invertTokenByToken(
    _ chunk: Chunk, guidance: Guidance?, logDeterminant: UnsafeMutablePointer<Double>
  ) {
    let w = chunk.weights
    let memory = DecodingMemory(chunk, flow: flow)
    let context = ContextDecoding(self, chunk, products: memory.scratch.products)
    let unconditional = guidance.map {
      UnconditionalPass(guidance: $0, memory: DecodingMemory(chunk, flow: flow))
    }
    for position in 0..<flow.tokens {
      if flow.startToken || position > 0 {
        let row = flow.startToken ? position : position - 1
        enter(memory, position: position, labels: chunk.labels, weights: w)
        context?.read(row: position, weights: w)
        advance(memory, context: context, position: row, weights: w)
        if let unconditional {
          unconditional.memory.x.copy(from: memory.x)
          enter(unconditional.memory, position: position, labels: nil, weights: w)
          advance(
            unconditional.memory, context: context, position: row,
            temperature: Float(unconditional.guidance.attentionTemperature), weights: w)
        }
      } else {
        memory.transformParameters.fill(0)
      }
      for sample in 0..<chunk.samples.count {
        memory.z[sample].update(
          from: chunk.x[sample * flow.tokens + order[position]], count: flow.features)
      }
      predictNext(memory, unconditional: unconditional, position: position, weights: w)
      invertFeatures(memory, position: position, weights: w, logDeterminant: logDeterminant)
      context?.take(memory.x, at: position)
      for sample in 0..<chunk.samples.count {
        chunk.x[sample * flow.tokens + order[position]].update(
          from: memory.x[sample], count: flow.features)
      }
    }
  }

  /// Puts the last decoded token, or the start token, into the stream.
  private func enter(
    _ memory: DecodingMemory, position: Int, labels: [Int]?, weights w: Weights
  ) {
    if position > 0 {
      if let inputs {
        for sample in 0..<memory.x.rows {
          inputs.write(memory.x[sample], at: position - 1, into: memory.entering[sample])
        }
      }
      linear(
        memory.entering, weight: parameters.projIn.matrix(w),
        bias: parameters.projIn.bias.vector(w),
        into: memory.layer.input, scratch: memory.scratch.products)
    } else if let start = parameters.start {
      linearBias(start.vector(w), into: memory.layer.input)
    }
    for sample in 0..<memory.x.rows {
      addConditioning(
        to: memory.layer.input[sample], position: flow.startToken ? position : position - 1,
        label: labels?[sample], weights: w)
    }
  }

  /// Runs one token of every sample through the layers, to the Transformer's output.
  private func advance(
    _ memory: DecodingMemory, context: ContextDecoding?, position: Int, temperature: Float = 1,
    weights w: Weights
  ) {
    for (index, (layer, cache)) in zip(parameters.layers, memory.caches).enumerated() {
      context?.add(toLayer: index, weights: w, stream: memory.layer.input)
      transformerLayer(memory.layer, layer, weights: w, scratch: memory.scratch) { qkv, out in
        cache.attend(qkv, position: position, temperature: temperature, into: out)
      }
      memory.layer.input.copy(from: memory.layer.output)
    }
    if let norm = parameters.finalNorm {
      layerNorm(
        memory.layer.input, scale: norm.scale.vector(w), shift: norm.shift.vector(w),
        into: memory.hidden, saving: memory.layer.attentionNorm)
    } else {
      memory.hidden.copy(from: memory.layer.input)
    }
  }

  /// The transform's parameters of the next token of every sample, as far as they need no feature
  /// of it: all of them, or the first half of the head.
  private func predictNext(
    _ memory: DecodingMemory, unconditional: UnconditionalPass?, position: Int, weights w: Weights
  ) {
    if let head = head(memory), let cache = memory.head {
      head.begin(memory.hidden, weights: w, into: memory.transformParameters, saving: cache)
    } else if flow.startToken || position > 0, let projOut = parameters.projOut {
      predict(memory, projOut, weights: w)
      if let unconditional {
        predict(unconditional.memory, projOut, weights: w)
        unconditional.guidance.apply(
          to: memory.transformParameters,
          unconditional: unconditional.memory.transformParameters, index: AffineIndex(flow),
          features: flow.features,
          weight: unconditional.guidance.weight(at: position, of: flow.tokens))
      }
    }
  }

  private func predict(_ memory: DecodingMemory, _ projOut: LinearParameters, weights w: Weights) {
    linear(
      memory.hidden, weight: projOut.matrix(w), bias: projOut.bias.vector(w),
      into: memory.transformParameters, scratch: memory.scratch.products)
  }

  /// Inverts the transform of one token of every sample, feature by feature where the head needs
  /// it.
  private func invertFeatures(
    _ memory: DecodingMemory, position: Int, weights w: Weights,
    logDeterminant: UnsafeMutablePointer<Double>
  ) {
    let head = head(memory)
    for d in 0..<flow.features {
      if isMissing(d, at: position) {
        for sample in 0..<memory.x.rows { memory.x[sample][d] = 0 }
        continue
      }
      if let head, let cache = memory.head {
        head.step(
          d, of: position, x: memory.x, weights: w, into: memory.transformParameters, saving: cache)
      }
      if flow.transform == .mixture {
        let feature = position * flow.features + d
        mixtureInverse(
          memory.z, feature: d, parameters: memory.transformParameters,
          components: flow.components, low: windows?.lows[feature] ?? 0,
          period: windows?.periods[feature] ?? 0, into: memory.x, logDeterminant: logDeterminant,
          solved: memory.solved)
      } else {
        affineInverse(
          memory.z, feature: d, parameters: memory.transformParameters, index: AffineIndex(flow),
          into: memory.x, logDeterminant: logDeterminant)
      }
    }
  }

  private func head(_ memory: DecodingMemory) -> WithinTokenHead? {
    parameters.head.map {
      WithinTokenHead(
        parameters: $0, flow: flow, periods: periods, scratch: memory.scratch.products)
    }
  }
}

/// The second pass of guided decoding.
private struct UnconditionalPass {
  let guidance: Guidance
  let memory: DecodingMemory
}

/// The memory of one decoding step, used again for every token; one row for each sample.
private struct DecodingMemory {
  let z: Matrix
  let x: Matrix
  /// The last decoded token as the Transformer sees it.
  let entering: Matrix
  let transformParameters: Matrix
  let hidden: Matrix
  let layer: LayerCache
  let scratch: LayerScratch
  /// Keys and values of each layer.
  let caches: [KeyValueCache]
  let head: HeadCache?
  /// Marks of the rows whose mixture is inverted.
  let solved: UnsafeMutablePointer<UInt8>

  init(_ chunk: Chunk, flow: FlowConfiguration) {
    let (batch, arena) = (chunk.samples.count, chunk.arena)
    z = arena.matrix(batch, flow.features)
    x = arena.matrix(batch, flow.features)
    entering = flow.windows == nil ? x : arena.matrix(batch, flow.inputs)
    transformParameters = arena.matrix(batch, flow.features * flow.parametersPerFeature)
    hidden = arena.matrix(batch, flow.width)
    layer = LayerCache(input: arena.matrix(batch, flow.width), flow: flow, in: arena)
    caches = (0..<flow.layers).map { _ in
      KeyValueCache(
        batch: batch, tokens: flow.tokens, heads: flow.heads, headWidth: flow.headWidth, in: arena)
    }
    head = flow.withinToken ? HeadCache(rows: batch, flow: flow, in: arena) : nil
    solved = arena.memory(of: UInt8.self, batch)
    scratch = LayerScratch(rows: batch, flow: flow, unit: chunk.weights.panels?.unit, in: arena)
  }
}
