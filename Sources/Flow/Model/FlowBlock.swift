import CKernels
import Kernels

/// What a block keeps for its gradient; all in the block's own order of tokens, [batch · tokens, …].
struct BlockCache {
  /// The block's input.
  let x: Matrix
  /// The tokens that enter the Transformer: x, or x shifted by one behind the start token.
  let entering: Matrix
  let layers: [LayerCache]
  let finalNorm: LayerNormCache
  /// The Transformer's output, after the final norm if there is one.
  let hidden: Matrix
  let head: HeadCache
  /// The transform's parameters, [batch · tokens, D · P].
  let transformParameters: Matrix
  /// The block's output; undefined when only the density was asked for.
  let z: Matrix
  let labels: [Int]?
}

/// One block of the flow: a causal Transformer whose output at token t gives the transform of the next token.
struct FlowBlock {
  let flow: FlowConfiguration
  let parameters: BlockParameters
  let order: [Int]

  var heads: Int { flow.width / flow.headWidth }

  /// Encodes x [batch · tokens, D] in the flow's order; adds each sample's log-determinant.
  ///
  /// - Parameter densityOnly: Whether the block is next to the prior and `log φ(z) + log|∂z/∂x|` is wanted in place
  ///   of the log-determinant, for which a mixture needs no z.
  func forward(
    _ input: Matrix, labels: [Int]?, weights w: Weights, densityOnly: Bool,
    logDeterminant: UnsafeMutablePointer<Double>, scratch: LayerScratch, arena: Arena
  ) -> BlockCache {
    let rows = input.rows
    let x = arena.matrix(rows, flow.features)
    gather(input, into: x)
    let entering = flow.startToken ? arena.matrix(rows, flow.features) : x
    if flow.startToken { shift(x, into: entering) }
    var stream = arena.matrix(rows, flow.width)
    embed(entering, labels: labels, weights: w, into: stream, products: scratch.products)
    var layers: [LayerCache] = []
    for layer in parameters.layers {
      let cache = LayerCache(input: stream, flow: flow, in: arena)
      transformerLayer(cache, layer, weights: w, scratch: scratch) { qkv, out in
        causalAttention(
          qkv, tokens: flow.tokens, heads: heads, into: out, scratch: scratch.attention)
      }
      stream = cache.output
      layers.append(cache)
    }
    let norm = LayerNormCache(rows: rows, in: arena)
    let hidden = parameters.finalNorm == nil ? stream : arena.matrix(rows, flow.width)
    if let parameters = parameters.finalNorm {
      layerNorm(
        stream, scale: parameters.scale.vector(w), shift: parameters.shift.vector(w), into: hidden,
        saving: norm)
    }
    let cache = BlockCache(
      x: x, entering: entering, layers: layers, finalNorm: norm, hidden: hidden,
      head: HeadCache(rows: rows, flow: flow, in: arena),
      transformParameters: arena.matrix(rows, flow.features * flow.parametersPerFeature),
      z: arena.matrix(rows, flow.features),
      labels: labels)
    predict(cache, weights: w, products: scratch.products, arena: arena)
    transform(cache, densityOnly: densityOnly, logDeterminant: logDeterminant, arena: arena)
    return cache
  }

  /// Copies the tokens of every sample into the block's order.
  func gather(_ input: Matrix, into output: Matrix) {
    for row in 0..<input.rows {
      let first = row - row % flow.tokens
      output[row].update(from: input[first + order[row - first]], count: input.columns)
    }
  }

  /// Copies the tokens of every sample back from the block's order.
  func scatter(_ input: Matrix, into output: Matrix) {
    for row in 0..<input.rows {
      let first = row - row % flow.tokens
      output[first + order[row - first]].update(from: input[row], count: input.columns)
    }
  }

  /// Moves every token one place later; the first is zero, and the start token takes its place in the stream.
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
  private func embed(
    _ entering: Matrix, labels: [Int]?, weights w: Weights, into stream: Matrix,
    products: ProductScratch?
  ) {
    linear(
      entering, weight: parameters.projIn.matrix(w), bias: parameters.projIn.bias.vector(w),
      into: stream, scratch: products)
    for row in 0..<stream.rows {
      let place = row % flow.tokens
      if place == 0, let start = parameters.start {
        stream[row].update(from: start.vector(w), count: flow.width)
      }
      addConditioning(
        to: stream[row], position: place, label: labels?[row / flow.tokens], weights: w)
    }
  }

  /// Adds the position's and the class's embedding to one token of the stream; no label or −1 is the mean class.
  func addConditioning(
    to token: UnsafeMutablePointer<Float>, position: Int, label: Int?,
    weights w: Weights
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

  /// The transform's parameters of every token: from the head, or from `proj_out`, whose output is that of the next
  /// token when no start token has shifted the sequence.
  private func predict(
    _ cache: BlockCache, weights w: Weights, products: ProductScratch?, arena: Arena
  ) {
    if let head = parameters.head {
      WithinTokenHead(parameters: head, flow: flow, scratch: products).forward(
        cache.hidden, x: cache.x, weights: w, into: cache.transformParameters, saving: cache.head)
    } else if let projOut = parameters.projOut {
      let output =
        flow.startToken
        ? cache.transformParameters
        : arena.matrix(cache.transformParameters.rows, cache.transformParameters.columns)
      linear(
        cache.hidden, weight: projOut.matrix(w), bias: projOut.bias.vector(w), into: output,
        scratch: products)
      if !flow.startToken { shift(output, into: cache.transformParameters) }
    }
  }

  private func transform(
    _ cache: BlockCache, densityOnly: Bool, logDeterminant: UnsafeMutablePointer<Double>,
    arena: Arena
  ) {
    guard flow.transform == .mixture else {
      affineForward(
        cache.x, parameters: cache.transformParameters, index: AffineIndex(flow),
        tokens: flow.tokens, into: cache.z,
        logDeterminant: logDeterminant)
      if densityOnly { addLogPrior(cache.z, to: logDeterminant) }
      return
    }
    if densityOnly {
      mixtureLogDensity(
        cache.x, parameters: cache.transformParameters, components: flow.components,
        tokens: flow.tokens,
        scratch: arena.floats(cache.x.count), into: logDeterminant)
    } else {
      mixtureForward(
        cache.x, parameters: cache.transformParameters, components: flow.components,
        tokens: flow.tokens, into: cache.z,
        logDeterminant: logDeterminant)
    }
  }

  private func addLogPrior(_ z: Matrix, to logDensity: UnsafeMutablePointer<Double>) {
    for row in 0..<z.rows {
      for d in 0..<z.columns {
        logDensity[row / flow.tokens] += logNormalDensity(Double(z[row][d]))
      }
    }
  }
}
