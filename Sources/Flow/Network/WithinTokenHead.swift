import Foundation
import Kernels

/// The within-token head: the parameters of feature d are
/// `W₂ GELU(W_h h + W_x [x_<d, sin 2x_<d, cos 2x_<d] + b) + b₂`, so that one block is a full
/// autoregressive density over all features of all tokens.
///
/// A feature on a circle of period P enters as `sin φ/ω, (1 − cos φ)/ω, sin 2φ/2ω` with φ = ωx,
/// ω = 2π/P. The rows are [batch · tokens] when encoding and [batch] when decoding one token.
struct WithinTokenHead {
  let parameters: HeadParameters
  let flow: FlowConfiguration
  /// Of the block's features, [tokens, D], above 0 on a circle; or empty.
  let periods: [Float]
  let scratch: ProductScratch?

  /// From the Transformer's output [rows, width] and the features x [rows, D] to all parameters
  /// [rows, D · P].
  func forward(
    _ hidden: Matrix, x: Matrix, weights w: Weights, into transformParameters: Matrix,
    saving cache: HeadCache
  ) {
    begin(hidden, weights: w, into: transformParameters, saving: cache)
    for d in 1..<max(1, flow.features) {
      embed(x, feature: d - 1, saving: cache) { $0 % flow.tokens }
      addPrevious(d, weights: w, saving: cache)
    }
    addBiasAndGELU(cache.beforeGELU, bias: parameters.token.bias.vector(w), into: cache.afterGELU)
    for d in 0..<flow.features { output(d, weights: w, into: transformParameters, saving: cache) }
  }

  /// The first half of the hidden units, which needs no feature.
  func begin(
    _ hidden: Matrix, weights w: Weights, into transformParameters: Matrix,
    saving cache: HeadCache
  ) {
    linear(
      hidden, weight: parameters.token.matrix(w), bias: nil, into: cache.beforeGELU,
      scratch: scratch)
    linearBias(parameters.outputBias.vector(w), into: transformParameters)
  }

  /// The parameters of feature d of one token alone, when the features before it are known
  /// (decoding).
  func step(
    _ d: Int, of token: Int, x: Matrix, weights w: Weights, into transformParameters: Matrix,
    saving cache: HeadCache
  ) {
    if d > 0 {
      embed(x, feature: d - 1, saving: cache) { _ in token }
      addPrevious(d, weights: w, saving: cache)
    }
    let bias = parameters.token.bias.vector(w) + d * flow.headUnits
    addBiasAndGELU(
      cache.beforeGELU.columns(unitColumns(d)), bias: bias,
      into: cache.afterGELU.columns(unitColumns(d)))
    output(d, weights: w, into: transformParameters, saving: cache)
  }

  /// - Parameter token: The place in the sequence that a row belongs to.
  private func embed(
    _ x: Matrix, feature: Int, saving cache: HeadCache, token: (_ row: Int) -> Int
  ) {
    for row in 0..<x.rows {
      let value = x[row][feature]
      let place = cache.previous[row] + 3 * feature
      let period = period(of: feature, at: token(row))
      if period > 0 {
        let ω = 2 * Float.pi / period
        let (sine, cosine) = (sinf(ω * value), cosf(ω * value))
        place[0] = sine / ω
        place[1] = (1 - cosine) / ω
        place[2] = sine * cosine / ω
      } else {
        place[0] = value
        place[1] = sinf(2 * value)
        place[2] = cosf(2 * value)
      }
    }
  }

  private func period(of feature: Int, at token: Int) -> Float {
    periods.isEmpty ? 0 : periods[token * flow.features + feature]
  }

  private func addPrevious(
    _ d: Int, weights w: Weights, saving cache: HeadCache
  ) {
    linear(
      cache.previous.columns(0..<3 * d), weight: parameters.previous[d - 1].matrix(w), bias: nil,
      into: cache.beforeGELU.columns(unitColumns(d)), accumulating: true, scratch: scratch)
  }

  private func output(
    _ d: Int, weights w: Weights, into transformParameters: Matrix, saving cache: HeadCache
  ) {
    linear(
      cache.afterGELU.columns(unitColumns(d)), weight: parameters.output[d].matrix(w), bias: nil,
      into: transformParameters.columns(parameterColumns(d)), accumulating: true, scratch: scratch)
  }

  private func unitColumns(_ d: Int) -> Range<Int> { d * flow.headUnits..<(d + 1) * flow.headUnits }

  private func parameterColumns(_ d: Int) -> Range<Int> {
    d * flow.parametersPerFeature..<(d + 1) * flow.parametersPerFeature
  }

  // MARK: - Gradient

  /// The reverse of `forward`: from the transform's parameters' gradient to the hidden's (written)
  /// and the features' (added to dx); parameter gradients are added to `g`.
  func gradient(
    _ dTransformParameters: Matrix, hidden: Matrix, x: Matrix, cache: HeadCache,
    weights w: Weights, gradient g: UnsafeMutablePointer<Float>, into dHidden: Matrix,
    intoX dx: Matrix, memory: HeadGradientScratch
  ) {
    let (dUnits, dPrevious) = (memory.dUnits, memory.dPrevious)
    dPrevious.fill(0)
    addColumnSums(of: dTransformParameters, to: parameters.outputBias.vector(g))
    for d in 0..<flow.features {
      linearGradient(
        dTransformParameters.columns(parameterColumns(d)),
        x: cache.afterGELU.columns(unitColumns(d)),
        weight: parameters.output[d].matrix(w), intoWeight: parameters.output[d].matrix(g),
        intoBias: nil, into: dUnits.columns(unitColumns(d)), scratch: scratch)
    }
    geluGradient(pre: cache.beforeGELU, dUnits)
    for d in 1..<max(1, flow.features) {
      linearGradient(
        dUnits.columns(unitColumns(d)), x: cache.previous.columns(0..<3 * d),
        weight: parameters.previous[d - 1].matrix(w),
        intoWeight: parameters.previous[d - 1].matrix(g), intoBias: nil,
        into: dPrevious.columns(0..<3 * d), accumulating: true, scratch: scratch)
    }
    linearGradient(
      dUnits, x: hidden, weight: parameters.token.matrix(w),
      intoWeight: parameters.token.weight.matrix(g), intoBias: parameters.token.bias.vector(g),
      into: dHidden, scratch: scratch)
    addFeatureGradient(dPrevious, previous: cache.previous, to: dx)
  }

  /// The reverse of `embed`, for all features: adds the slopes of (x, sin 2x, cos 2x), or of those
  /// on a circle.
  private func addFeatureGradient(_ dPrevious: Matrix, previous: Matrix, to dx: Matrix) {
    for row in 0..<dx.rows {
      for feature in 0..<flow.features - 1 {
        let slope = dPrevious[row] + 3 * feature
        let value = previous[row] + 3 * feature
        let period = period(of: feature, at: row % flow.tokens)
        if period > 0 {
          let ω = 2 * Float.pi / period
          let (sine, cosine) = (ω * value[0], 1 - ω * value[1])
          dx[row][feature] +=
            cosine * slope[0] + sine * slope[1] + (2 * cosine * cosine - 1) * slope[2]
        } else {
          dx[row][feature] += slope[0] + 2 * (value[2] * slope[1] - value[1] * slope[2])
        }
      }
    }
  }
}
