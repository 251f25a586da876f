import CKernels
import Kernels

extension FlowBlock {
  /// The reverse of `forward`: returns the input's gradient in the flow's order, and adds the parameters' to `g`.
  ///
  /// - Parameters:
  ///   - dz: The gradient of the block's output in the flow's order; nil when `forward` was asked for the density only.
  ///   - factor: The gradient of the loss with respect to each log-determinant (or log-density).
  func gradient(
    _ dz: Matrix?, factor: Float, cache: BlockCache, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>, scratch: LayerGradientScratch, arena: Arena
  ) -> Matrix {
    let products = scratch.layer.products
    let rows = cache.x.rows
    let dx = arena.matrix(rows, flow.features)
    let dTransformParameters = arena.matrix(rows, cache.transformParameters.columns)
    transformGradient(
      dz, factor: factor, cache: cache, into: dTransformParameters, intoX: dx, arena: arena)
    let dHidden = arena.matrix(rows, flow.width)
    predictGradient(
      dTransformParameters, cache: cache, weights: w, gradient: g, into: dHidden, intoX: dx,
      products: products,
      arena: arena)
    var d = dHidden
    if let norm = parameters.finalNorm, let stream = cache.layers.last?.output {
      d = arena.matrix(rows, flow.width)
      d.fill(0)
      layerNormGradient(
        dHidden, x: stream, scale: norm.scale.vector(w), cache: cache.finalNorm, into: d,
        intoScale: norm.scale.vector(g), intoShift: norm.shift.vector(g))
    }
    for (layer, layerCache) in zip(parameters.layers, cache.layers).reversed() {
      transformerLayerGradient(
        d, layerCache, layer, weights: w, gradient: g, tokens: flow.tokens, heads: heads,
        scratch: scratch)
    }
    embedGradient(
      d, cache: cache, weights: w, gradient: g, intoX: dx, products: products, arena: arena)
    let result = arena.matrix(rows, flow.features)
    scatter(dx, into: result)
    return result
  }

  private func transformGradient(
    _ dz: Matrix?, factor: Float, cache: BlockCache, into dTransformParameters: Matrix,
    intoX dx: Matrix,
    arena: Arena
  ) {
    if flow.transform == .mixture, dz == nil {
      return mixtureLogDensityGradient(
        factor: factor, x: cache.x, parameters: cache.transformParameters,
        components: flow.components, into: dTransformParameters,
        intoX: dx)
    }
    let upstream = arena.matrix(cache.z.rows, cache.z.columns)
    if let dz {
      gather(dz, into: upstream)
    } else {
      // d log φ(z) = −z dz.
      for element in 0..<upstream.count { upstream.base[element] = -factor * cache.z.base[element] }
    }
    if flow.transform == .mixture {
      mixtureGradient(
        upstream, x: cache.x, z: cache.z, parameters: cache.transformParameters,
        components: flow.components,
        logDeterminantFactor: factor, into: dTransformParameters, intoX: dx)
    } else {
      affineGradient(
        upstream, z: cache.z, parameters: cache.transformParameters, index: AffineIndex(flow),
        logDeterminantFactor: factor,
        into: dTransformParameters, intoX: dx)
    }
  }

  private func predictGradient(
    _ dTransformParameters: Matrix, cache: BlockCache, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>, into dHidden: Matrix, intoX dx: Matrix,
    products: ProductScratch?, arena: Arena
  ) {
    if let head = parameters.head {
      WithinTokenHead(parameters: head, flow: flow, scratch: products).gradient(
        dTransformParameters, hidden: cache.hidden, x: cache.x, cache: cache.head, weights: w,
        gradient: g,
        into: dHidden,
        intoX: dx, arena: arena)
    } else if let projOut = parameters.projOut {
      let output =
        flow.startToken
        ? dTransformParameters
        : arena.matrix(dTransformParameters.rows, dTransformParameters.columns)
      if !flow.startToken { unshift(dTransformParameters, into: output) }
      linearGradient(
        output, x: cache.hidden, weight: projOut.matrix(w),
        intoWeight: projOut.weight.matrix(g),
        intoBias: projOut.bias.vector(g), into: dHidden, scratch: products)
    }
  }

  /// The reverse of `shift`: every row comes from the one after it; the last token's has no effect.
  private func unshift(_ shifted: Matrix, into d: Matrix) {
    for row in 0..<d.rows {
      if row % flow.tokens == flow.tokens - 1 {
        d[row].update(repeating: 0, count: d.columns)
      } else {
        d[row].update(from: shifted[row + 1], count: d.columns)
      }
    }
  }

  private func embedGradient(
    _ d: Matrix, cache: BlockCache, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>, intoX dx: Matrix,
    products: ProductScratch?, arena: Arena
  ) {
    for row in 0..<d.rows {
      let place = row % flow.tokens
      ck_add(flow.width, d[row], parameters.position.matrix(g)[order[place]])
      addClassGradient(d[row], label: cache.labels?[row / flow.tokens], gradient: g)
      if place == 0, let start = parameters.start {
        ck_add(flow.width, d[row], start.vector(g))
        // The start token took this row's place: proj_in had no part in it.
        d[row].update(repeating: 0, count: flow.width)
      }
    }
    let dEntering = arena.matrix(d.rows, flow.features)
    linearGradient(
      d, x: cache.entering, weight: parameters.projIn.matrix(w),
      intoWeight: parameters.projIn.weight.matrix(g),
      intoBias: parameters.projIn.bias.vector(g), into: dEntering, scratch: products)
    if flow.startToken {
      let dShifted = arena.matrix(d.rows, flow.features)
      unshift(dEntering, into: dShifted)
      ck_add(dx.count, dShifted.base, dx.base)
    } else {
      ck_add(dx.count, dEntering.base, dx.base)
    }
  }

  private func addClassGradient(
    _ d: UnsafeMutablePointer<Float>, label: Int?, gradient g: UnsafeMutablePointer<Float>
  ) {
    guard let embedding = parameters.classEmbedding?.matrix(g) else { return }
    if let label, label >= 0 { return ck_add(flow.width, d, embedding[label]) }
    for label in 0..<flow.classes {
      for j in 0..<flow.width { embedding[label][j] += d[j] / Float(flow.classes) }
    }
  }
}
