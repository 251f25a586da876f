import CKernels
import Kernels

/// One block of the flow: a causal Transformer whose output at token t gives the transform of the
/// next token.
struct FlowBlock {
  let flow: FlowConfiguration
  let parameters: BlockParameters
  /// Position t of the block's sequence holds token `order[t]` of the flow's.
  let order: [Int]
  /// The windows of the features on a circle, in the block's order.
  let windows: PeriodicWindows?

  /// The period of each feature in the block's order, [tokens, features], 0 for the real line and
  /// −1 for a feature that is missing; empty when all lie on the line.
  let periods: [Float]
  /// How tokens enter the Transformer; nil when they do as they are.
  let inputs: PeriodicInputs?
  /// What the network reads besides the tokens; nil for a flow without a context.
  let context: (any TokenContext)?

  init(
    _ flow: FlowConfiguration, _ parameters: BlockParameters, index: Int,
    context: (any TokenContext)?
  ) {
    let order = flow.order(of: index)
    (self.flow, self.parameters, self.order, self.context) = (flow, parameters, order, context)
    windows = flow.windows?.ordered(by: order, features: flow.features)
    var periods = windows?.periods ?? []
    if flow.present != nil {
      if periods.isEmpty { periods = [Float](repeating: 0, count: flow.tokens * flow.features) }
      for place in periods.indices {
        let (token, d) = (order[place / flow.features], place % flow.features)
        if flow.isMissing(token * flow.features + d) { periods[place] = -1 }
      }
    }
    self.periods = periods
    inputs = windows.map { PeriodicInputs(periods: $0.periods, features: flow.features) }
  }

  /// Encodes a batch [batch · tokens, D] in the flow's order; adds each sample's log-determinant.
  ///
  /// - Parameter densityOnly: Whether the block is next to the prior and `log φ(z) + log|∂z/∂x|` is
  ///   wanted in place of the log-determinant, for which a mixture needs no z.
  func forward(
    _ input: Matrix, labels: [Int]?, weights w: Weights, densityOnly: Bool,
    logDeterminant: UnsafeMutablePointer<Double>, scratch: LayerScratch, arena: Arena
  ) -> BlockCache {
    let cache = BlockCache(rows: input.rows, labels: labels, flow: flow, in: arena)
    gather(input, into: cache.x)
    if flow.startToken { enter(cache.x, into: cache.entering) }
    embed(cache, weights: w, products: scratch.products)
    readContext(cache, weights: w, products: scratch.products)
    let network = contextNetwork(scratch.products)
    for (index, (layer, layerCache)) in zip(parameters.layers, cache.layers).enumerated() {
      if let network, let sums = cache.context?.sums {
        network.add(sums, toLayer: index, weights: w, stream: layerCache.input)
      }
      transformerLayer(layerCache, layer, weights: w, scratch: scratch) { qkv, out in
        causalAttention(
          qkv, tokens: flow.tokens, heads: flow.heads, into: out, scratch: scratch.attention)
      }
    }
    if let norm = parameters.finalNorm, let saved = cache.finalNorm,
      let stream = cache.layers.last?.output
    {
      layerNorm(
        stream, scale: norm.scale.vector(w), shift: norm.shift.vector(w), into: cache.hidden,
        saving: saved)
    }
    predict(cache, weights: w, products: scratch.products)
    if densityOnly {
      addLogDensity(cache, to: logDeterminant)
    } else {
      transform(cache, logDeterminant: logDeterminant)
    }
    return cache
  }

  /// Copies the tokens of every sample into the block's order, with 0 for features that are missing.
  func gather(_ input: Matrix, into output: Matrix) {
    for row in 0..<input.rows {
      let first = row - row % flow.tokens
      output[row].update(from: input[first + order[row - first]], count: input.columns)
    }
    clearMissing(output)
  }

  /// Writes 0 where features are missing, in the block's order.
  func clearMissing(_ tokens: Matrix) {
    guard let present = flow.present else { return }
    for row in 0..<tokens.rows {
      let count = present[order[row % flow.tokens]]
      (tokens[row] + count).update(repeating: 0, count: tokens.columns - count)
    }
  }

  /// Whether a feature of a token in the block's order is missing.
  func isMissing(_ d: Int, at place: Int) -> Bool {
    !periods.isEmpty && periods[place * flow.features + d] < 0
  }

  /// Copies the tokens of every sample back from the block's order.
  func scatter(_ input: Matrix, into output: Matrix) {
    for row in 0..<input.rows {
      let first = row - row % flow.tokens
      output[first + order[row - first]].update(from: input[row], count: input.columns)
    }
  }

  /// Moves every token one place later, as the Transformer sees it.
  private func enter(_ x: Matrix, into entering: Matrix) {
    guard let inputs else { return shift(x, into: entering) }
    for row in 0..<x.rows {
      let place = row % flow.tokens
      if place == 0 {
        entering[row].update(repeating: 0, count: entering.columns)
      } else {
        inputs.write(x[row - 1], at: place - 1, into: entering[row])
      }
    }
  }

  /// Moves every token one place later; the first is zero, and the start token takes its place in
  /// the stream.
  private func shift(_ x: Matrix, into shifted: Matrix) {
    for row in 0..<x.rows {
      if row % flow.tokens == 0 {
        shifted[row].update(repeating: 0, count: x.columns)
      } else {
        shifted[row].update(from: x[row - 1], count: x.columns)
      }
    }
  }

  /// `proj_in(x) + position + class` on every token, the start token in the first place.
  private func embed(_ cache: BlockCache, weights w: Weights, products: ProductScratch?) {
    guard let stream = cache.layers.first?.input else { return }
    linear(
      cache.entering, weight: parameters.projIn.matrix(w), bias: parameters.projIn.bias.vector(w),
      into: stream, scratch: products)
    for row in 0..<stream.rows {
      let place = row % flow.tokens
      if place == 0, let start = parameters.start {
        stream[row].update(from: start.vector(w), count: flow.width)
      }
      addConditioning(
        to: stream[row], position: place, label: cache.labels?[row / flow.tokens], weights: w)
    }
  }

  /// Adds the position's and the class's embedding to one token of the stream; no label or −1 is
  /// the mean class.
  func addConditioning(
    to token: UnsafeMutablePointer<Float>, position: Int, label: Int?, weights w: Weights
  ) {
    ck_add(flow.width, parameters.position.matrix(w)[order[position]], token)
    guard let embedding = parameters.classEmbedding?.matrix(w) else { return }
    if let label, label >= 0 {
      ck_add(flow.width, embedding[label], token)
    } else {
      for label in 0..<flow.classes {
        for j in 0..<flow.width { token[j] += embedding[label][j] / Float(flow.classes) }
      }
    }
  }

  /// The transform's parameters of every token: from the head, or from `proj_out`, whose output is
  /// that of the next token when no start token has shifted the sequence.
  private func predict(_ cache: BlockCache, weights w: Weights, products: ProductScratch?) {
    if let head = parameters.head, let saved = cache.head {
      WithinTokenHead(parameters: head, flow: flow, periods: periods, scratch: products).forward(
        cache.hidden, x: cache.x, weights: w, into: cache.transformParameters, saving: saved)
    } else if let projOut = parameters.projOut {
      linear(
        cache.hidden, weight: projOut.matrix(w), bias: projOut.bias.vector(w), into: cache.output,
        scratch: products)
      if !flow.startToken { shift(cache.output, into: cache.transformParameters) }
    }
  }

  /// Writes z, and adds the log-determinant of each sample.
  private func transform(_ cache: BlockCache, logDeterminant: UnsafeMutablePointer<Double>) {
    if flow.transform == .mixture {
      mixtureForward(
        cache.x, parameters: cache.transformParameters, components: flow.components,
        tokens: flow.tokens, periods: periods, into: cache.z, logDeterminant: logDeterminant,
        solved: cache.solved)
    } else {
      affineForward(
        cache.x, parameters: cache.transformParameters, index: AffineIndex(flow),
        tokens: flow.tokens, periods: periods, into: cache.z, logDeterminant: logDeterminant)
    }
  }

  /// Adds `log φ(z) + log|∂z/∂x|` of each sample; a mixture writes no z.
  private func addLogDensity(_ cache: BlockCache, to logDensity: UnsafeMutablePointer<Double>) {
    if flow.transform == .mixture {
      mixtureLogDensity(
        cache.x, parameters: cache.transformParameters, components: flow.components,
        tokens: flow.tokens, periods: periods, scratch: cache.z.base, into: logDensity)
      return
    }
    transform(cache, logDeterminant: logDensity)
    for row in 0..<cache.z.rows {
      for d in 0..<cache.z.columns where !isMissing(d, at: row % flow.tokens) {
        logDensity[row / flow.tokens] += logNormalDensity(Double(cache.z[row][d]))
      }
    }
  }
}
