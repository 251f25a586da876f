import Kernels

/// What one layer keeps for its gradient, [rows, …] each; what is quickly computed again is not kept.
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
}

/// Memory that all layers of all blocks use in turn: the normalised stream, the hidden units after GELU, and more.
struct LayerScratch {
  let normed: Matrix
  let afterGELU: Matrix
  let products: ProductScratch?
  let attention: AttentionScratch

  /// - Parameter gradient: Whether a gradient will follow.
  init(
    rows: Int, flow: FlowConfiguration, weights: Weights, gradient: Bool = false, in arena: Arena
  ) {
    normed = arena.matrix(rows, flow.width)
    afterGELU = arena.matrix(rows, flow.expansion * flow.width)
    products = ProductScratch(weights, rows: rows, flow: flow, gradient: gradient, in: arena)
    attention = AttentionScratch(
      tokens: flow.tokens, headWidth: flow.headWidth,
      unit: products?.unit ?? .best(for: .fp32), in: arena)
  }
}

/// A pre-LayerNorm Transformer layer: `h = x + attention(norm(x))`, `y = h + mlp(norm(h))`, the rows being
/// [batch · tokens, width].
///
/// `attend` maps qkv [rows, 3 · width] to [rows, width]: over the whole sequence, or over a key–value cache.
func transformerLayer(
  _ cache: LayerCache, _ parameters: LayerParameters, weights w: Weights, scratch: LayerScratch,
  attend: (_ qkv: Matrix, _ out: Matrix) -> Void
) {
  layerNorm(
    cache.input, scale: parameters.attentionNorm.scale.vector(w),
    shift: parameters.attentionNorm.shift.vector(w),
    into: scratch.normed, saving: cache.attentionNorm)
  linear(
    scratch.normed, weight: parameters.qkv.matrix(w), bias: parameters.qkv.bias.vector(w),
    into: cache.qkv,
    scratch: scratch.products)
  attend(cache.qkv, cache.attended)
  linear(
    cache.attended, weight: parameters.projection.matrix(w),
    bias: parameters.projection.bias.vector(w),
    residual: cache.input, into: cache.middle, scratch: scratch.products)
  layerNorm(
    cache.middle, scale: parameters.mlpNorm.scale.vector(w),
    shift: parameters.mlpNorm.shift.vector(w),
    into: scratch.normed, saving: cache.mlpNorm)
  linear(
    scratch.normed, weight: parameters.up.matrix(w), bias: nil, into: cache.beforeGELU,
    scratch: scratch.products
  ) { rows in
    addBiasAndGELU(
      cache.beforeGELU.rows(rows), bias: parameters.up.bias.vector(w),
      into: scratch.afterGELU.rows(rows))
  }
  linear(
    scratch.afterGELU, weight: parameters.down.matrix(w), bias: parameters.down.bias.vector(w),
    residual: cache.middle, into: cache.output, scratch: scratch.products)
}

// MARK: - Gradient

/// Memory that the gradients of all layers of all blocks use in turn.
struct LayerGradientScratch {
  /// That of the forward pass, which layers need again: for what they recompute, and then for its gradient.
  let layer: LayerScratch
  let qkv: Matrix

  init(rows: Int, flow: FlowConfiguration, weights: Weights, in arena: Arena) {
    layer = LayerScratch(rows: rows, flow: flow, weights: weights, gradient: true, in: arena)
    qkv = arena.matrix(rows, 3 * flow.width)
  }
}

extension ProductScratch {
  /// Memory for the products with any of a flow's weights; nil when they have no panels.
  init?(
    _ weights: Weights, rows: Int, flow: FlowConfiguration, gradient: Bool = false, in arena: Arena
  ) {
    guard let unit = weights.panels?.unit else { return nil }
    let widest = max(
      max(3, flow.expansion) * flow.width, flow.features * (flow.withinToken ? flow.headUnits : 1))
    self.init(unit: unit, rows: rows, widest: widest, gradient: gradient, in: arena)
  }
}

/// The reverse of `transformerLayer`: `d` [rows, width] holds the output's gradient and becomes the input's;
/// parameter gradients are added to `g`.
func transformerLayerGradient(
  _ d: Matrix, _ cache: LayerCache, _ parameters: LayerParameters, weights w: Weights,
  gradient g: UnsafeMutablePointer<Float>, tokens: Int, heads: Int, scratch: LayerGradientScratch
) {
  func reverse(
    _ layer: LinearParameters, _ dy: Matrix, x: Matrix, into dx: Matrix,
    finish: (Range<Int>) -> Void = { _ in }
  ) {
    linearGradient(
      dy, x: x, weight: layer.matrix(w), intoWeight: layer.weight.matrix(g),
      intoBias: layer.bias.vector(g), into: dx, scratch: scratch.layer.products, finish: finish)
  }
  func normed(_ norm: LayerNormParameters, _ x: Matrix, _ saved: LayerNormCache) -> Matrix {
    layerNorm(
      x, scale: norm.scale.vector(w), shift: norm.shift.vector(w), into: scratch.layer.normed,
      saving: saved)
    return scratch.layer.normed
  }
  func reverse(_ norm: LayerNormParameters, _ dy: Matrix, x: Matrix, _ saved: LayerNormCache) {
    layerNormGradient(
      dy, x: x, scale: norm.scale.vector(w), cache: saved, into: d, intoScale: norm.scale.vector(g),
      intoShift: norm.shift.vector(g))
  }
  let (narrow, wide) = (scratch.layer.normed, scratch.layer.afterGELU)
  gelu(cache.beforeGELU, into: wide)
  reverse(parameters.down, d, x: wide, into: wide) { rows in
    geluGradient(pre: cache.beforeGELU.rows(rows), wide.rows(rows))
  }
  reverse(
    parameters.up, wide, x: normed(parameters.mlpNorm, cache.middle, cache.mlpNorm), into: narrow)
  reverse(parameters.mlpNorm, narrow, x: cache.middle, cache.mlpNorm)
  reverse(parameters.projection, d, x: cache.attended, into: narrow)
  causalAttentionGradient(
    narrow, qkv: cache.qkv, tokens: tokens, heads: heads, into: scratch.qkv,
    scratch: scratch.layer.attention)
  reverse(
    parameters.qkv, scratch.qkv,
    x: normed(parameters.attentionNorm, cache.input, cache.attentionNorm),
    into: narrow)
  reverse(parameters.attentionNorm, narrow, x: cache.input, cache.attentionNorm)
}
