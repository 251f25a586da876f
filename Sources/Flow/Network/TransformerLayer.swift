import Kernels

/// A pre-LayerNorm Transformer layer: `h = x + attention(norm(x))`, `y = h + mlp(norm(h))`, the
/// rows being [batch · tokens, width].
///
/// `attend` maps qkv [rows, 3 · width] to [rows, width]: over the whole sequence, or over a
/// key–value cache.
func transformerLayer(
  _ cache: LayerCache, _ parameters: LayerParameters, weights w: Weights, scratch: LayerScratch,
  attend: (_ qkv: Matrix, _ out: Matrix) -> Void
) {
  layerNorm(
    cache.input, scale: parameters.attentionNorm.scale.vector(w),
    shift: parameters.attentionNorm.shift.vector(w), into: scratch.normed,
    saving: cache.attentionNorm)
  linear(
    scratch.normed, weight: parameters.qkv.matrix(w), bias: parameters.qkv.bias.vector(w),
    into: cache.qkv, scratch: scratch.products)
  attend(cache.qkv, cache.attended)
  linear(
    cache.attended, weight: parameters.projection.matrix(w),
    bias: parameters.projection.bias.vector(w), residual: cache.input, into: cache.middle,
    scratch: scratch.products)
  layerNorm(
    cache.middle, scale: parameters.mlpNorm.scale.vector(w),
    shift: parameters.mlpNorm.shift.vector(w), into: scratch.normed, saving: cache.mlpNorm)
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

/// The reverse of `transformerLayer`: `dStream` [rows, width] holds the output's gradient and
/// becomes the input's; parameter gradients are added to `g`.
///
/// What the cache keeps of the inputs of GELU is lost.
///
/// `GradientTests` compares them with finite differences of the loss.
func transformerLayerGradient(
  _ dStream: Matrix, _ cache: LayerCache, _ parameters: LayerParameters, weights w: Weights,
  gradient g: UnsafeMutablePointer<Float>, flow: FlowConfiguration, scratch: LayerGradientScratch
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
    layerNormAgain(
      x, scale: norm.scale.vector(w), shift: norm.shift.vector(w), into: scratch.layer.normed,
      cache: saved)
    return scratch.layer.normed
  }
  func reverse(_ norm: LayerNormParameters, _ dy: Matrix, x: Matrix, _ saved: LayerNormCache) {
    layerNormGradient(
      dy, x: x, scale: norm.scale.vector(w), cache: saved, into: dStream,
      intoScale: norm.scale.vector(g), intoShift: norm.shift.vector(g))
  }
  let (narrow, wide) = (scratch.layer.normed, scratch.layer.afterGELU)
  geluAndSlope(cache.beforeGELU, into: wide)
  reverse(parameters.down, dStream, x: wide, into: wide) { rows in
    multiply(wide.rows(rows), by: cache.beforeGELU.rows(rows))
  }
  reverse(
    parameters.up, wide, x: normed(parameters.mlpNorm, cache.middle, cache.mlpNorm), into: narrow)
  reverse(parameters.mlpNorm, narrow, x: cache.middle, cache.mlpNorm)
  reverse(parameters.projection, dStream, x: cache.attended, into: narrow)
  causalAttentionGradient(
    narrow, qkv: cache.qkv, tokens: flow.tokens, heads: flow.heads, into: scratch.qkv,
    scratch: scratch.layer.attention)
  reverse(
    parameters.qkv, scratch.qkv,
    x: normed(parameters.attentionNorm, cache.input, cache.attentionNorm), into: narrow)
  reverse(parameters.attentionNorm, narrow, x: cache.input, cache.attentionNorm)
}
