import Kernels

/// What a block keeps for its gradient; all in the block's own order of tokens,
/// [batch · tokens, …].
struct BlockCache {
  let labels: [Int]?
  /// The block's input.
  let x: Matrix
  /// The tokens that enter the Transformer: x, or x shifted by one behind the start token.
  let entering: Matrix
  let context: ContextCache?
  let layers: [LayerCache]
  let finalNorm: LayerNormCache?
  /// The Transformer's output, after the final norm if there is one.
  let hidden: Matrix
  let head: HeadCache?
  /// The output layer's result: the transform's parameters, or those of the next token when no
  /// start token has shifted the sequence.
  let output: Matrix
  /// The transform's parameters, [batch · tokens, D · P].
  let transformParameters: Matrix
  /// The block's output; undefined when only the density was asked for.
  let z: Matrix
  /// A mark of each sample for the mixture's map.
  let solved: UnsafeMutablePointer<UInt8>

  init(rows: Int, labels: [Int]?, flow: FlowConfiguration, in arena: Arena) {
    self.labels = labels
    x = arena.matrix(rows, flow.features)
    entering = flow.startToken ? arena.matrix(rows, flow.inputs) : x
    context = flow.context.map {
      ContextCache(samples: rows / flow.tokens, flow: flow, shape: $0, in: arena)
    }
    var stream = arena.matrix(rows, flow.width)
    layers = (0..<flow.layers).map { _ in
      let cache = LayerCache(input: stream, flow: flow, in: arena)
      stream = cache.output
      return cache
    }
    finalNorm = flow.finalNorm ? LayerNormCache(rows: rows, in: arena) : nil
    hidden = flow.finalNorm ? arena.matrix(rows, flow.width) : stream
    head = flow.withinToken ? HeadCache(rows: rows, flow: flow, in: arena) : nil
    transformParameters = arena.matrix(rows, flow.features * flow.parametersPerFeature)
    output =
      flow.startToken ? transformParameters : arena.matrix(rows, transformParameters.columns)
    z = arena.matrix(rows, flow.features)
    solved = arena.memory(of: UInt8.self, rows / flow.tokens)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration) -> Int {
    let tokens = Arena.bytes(floats: rows * flow.features)
    let stream = Arena.bytes(floats: rows * flow.width)
    let output = Arena.bytes(floats: rows * flow.features * flow.parametersPerFeature)
    let entering = flow.startToken ? Arena.bytes(floats: rows * flow.inputs) : 0
    let context = flow.context.map {
      ContextCache.bytes(samples: rows / flow.tokens, flow: flow, shape: $0)
    }
    return 2 * tokens + entering + stream + (context ?? 0)
      + flow.layers * LayerCache.bytes(rows: rows, flow: flow)
      + (flow.finalNorm ? LayerNormCache.bytes(rows: rows) + stream : 0)
      + (flow.withinToken ? HeadCache.bytes(rows: rows, flow: flow) : 0)
      + (flow.startToken ? 1 : 2) * output + Arena.bytes(UInt8.self, rows / flow.tokens)
  }
}

/// Memory that the gradients of all blocks use in turn, [batch · tokens, …].
struct BlockGradientScratch {
  let layers: LayerGradientScratch
  let head: HeadGradientScratch?
  /// The gradient of the block's output, in the block's order.
  let dz: Matrix
  let dTransformParameters: Matrix
  /// The gradient of the output layer's result; that of the transform's parameters, or moved by one
  /// token.
  let dOutput: Matrix
  let dHidden: Matrix
  /// The gradient of the residual stream.
  let dStream: Matrix
  /// The gradient of the sums over the context, [batch · tokens, units].
  let dContext: Matrix?
  let dEntering: Matrix
  /// The gradient of the tokens before they were shifted.
  let dUnshifted: Matrix
  /// The gradient of the block's input, in the block's order and in the flow's.
  let dx: Matrix
  let dInput: Matrix

  init(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?, in arena: Arena) {
    layers = LayerGradientScratch(rows: rows, flow: flow, unit: unit, in: arena)
    head = flow.withinToken ? HeadGradientScratch(rows: rows, flow: flow, in: arena) : nil
    dz = arena.matrix(rows, flow.features)
    dTransformParameters = arena.matrix(rows, flow.features * flow.parametersPerFeature)
    dOutput =
      flow.startToken ? dTransformParameters : arena.matrix(rows, dTransformParameters.columns)
    dHidden = arena.matrix(rows, flow.width)
    dStream = flow.finalNorm ? arena.matrix(rows, flow.width) : dHidden
    dContext = flow.context.map { _ in arena.matrix(rows, flow.contextUnits) }
    dEntering = arena.matrix(rows, flow.inputs)
    dUnshifted = flow.startToken ? arena.matrix(rows, flow.inputs) : dEntering
    dx = arena.matrix(rows, flow.features)
    dInput = arena.matrix(rows, flow.features)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?) -> Int {
    let tokens = Arena.bytes(floats: rows * flow.features)
    let stream = Arena.bytes(floats: rows * flow.width)
    let output = Arena.bytes(floats: rows * flow.features * flow.parametersPerFeature)
    let entering = Arena.bytes(floats: rows * flow.inputs)
    return LayerGradientScratch.bytes(rows: rows, flow: flow, unit: unit)
      + (flow.withinToken ? HeadGradientScratch.bytes(rows: rows, flow: flow) : 0)
      + 3 * tokens + (flow.startToken ? 2 : 1) * entering + (flow.startToken ? 1 : 2) * output
      + (flow.finalNorm ? 2 : 1) * stream
      + (flow.context == nil ? 0 : Arena.bytes(floats: rows * flow.contextUnits))
  }
}
