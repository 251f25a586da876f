import Kernels

/// What one layer keeps for its gradient, [rows, …] each; what is quickly computed again is not
/// kept.
struct LayerCache {
  let input: Matrix
  let attentionNorm: LayerNormCache
  let qkv: Matrix
  let attended: Matrix
  let middle: Matrix
  let mlpNorm: LayerNormCache
  let beforeGELU: Matrix
  let output: Matrix

  init(input: Matrix, flow: FlowConfiguration, in arena: Arena) {
    let rows = input.rows
    let width = flow.width
    self.input = input
    attentionNorm = LayerNormCache(rows: rows, in: arena)
    qkv = arena.matrix(rows, 3 * width)
    attended = arena.matrix(rows, width)
    middle = arena.matrix(rows, width)
    mlpNorm = LayerNormCache(rows: rows, in: arena)
    beforeGELU = arena.matrix(rows, flow.expansion * width)
    output = arena.matrix(rows, width)
  }

  /// The bytes of an arena that `init` takes; the input is another's.
  static func bytes(rows: Int, flow: FlowConfiguration) -> Int {
    2 * LayerNormCache.bytes(rows: rows)
      + [3, 1, 1, flow.expansion, 1].reduce(0) { $0 + Arena.bytes(floats: rows * $1 * flow.width) }
  }
}

/// Memory that all layers of all blocks use in turn: the normalised stream, the hidden units after
/// GELU, and more.
struct LayerScratch {
  let normed: Matrix
  let afterGELU: Matrix
  let products: ProductScratch?
  let attention: AttentionScratch?

  /// - Parameters:
  ///   - unit: What multiplies by the weights; nil for BLAS.
  ///   - gradient: Whether a gradient will follow.
  init(
    rows: Int, flow: FlowConfiguration, unit: MatrixUnit?, gradient: Bool = false, in arena: Arena
  ) {
    normed = arena.matrix(rows, flow.width)
    afterGELU = arena.matrix(rows, flow.expansion * flow.width)
    products = unit.map {
      ProductScratch(
        unit: $0, rows: rows, widest: flow.widestProduct, gradient: gradient, in: arena)
    }
    attention = AttentionScratch(
      tokens: flow.tokens, headWidth: flow.headWidth, unit: unit ?? .best(for: .fp32), in: arena)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?, gradient: Bool) -> Int {
    let products = unit.map {
      ProductScratch.bytes(unit: $0, rows: rows, widest: flow.widestProduct, gradient: gradient)
    }
    return Arena.bytes(floats: rows * flow.width)
      + Arena.bytes(floats: rows * flow.expansion * flow.width) + (products ?? 0)
      + AttentionScratch.bytes(
        tokens: flow.tokens, headWidth: flow.headWidth, unit: unit ?? .best(for: .fp32))
  }
}

/// Memory that the gradients of all layers of all blocks use in turn.
struct LayerGradientScratch {
  /// That of the forward pass, which layers need again: for what they recompute, and then for its
  /// gradient.
  let layer: LayerScratch
  let qkv: Matrix

  init(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?, in arena: Arena) {
    layer = LayerScratch(rows: rows, flow: flow, unit: unit, gradient: true, in: arena)
    qkv = arena.matrix(rows, 3 * flow.width)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration, unit: MatrixUnit?) -> Int {
    LayerScratch.bytes(rows: rows, flow: flow, unit: unit, gradient: true)
      + Arena.bytes(floats: rows * 3 * flow.width)
  }
}

extension FlowConfiguration {
  /// The largest number of inputs or outputs of any weight, but for outputs that no unit rounds.
  fileprivate var widestProduct: Int {
    max(
      max(3, network.expansion) * network.width, inputs,
      features * (network.withinToken ? network.headUnits : 1),
      network.withinToken ? headInputs : 0, network.contextUnits)
  }
}
