import CKernels
import Kernels

extension FlowBlock {
  /// The reverse of `forward`: returns the input's gradient in the flow's order, and adds the
  /// parameters' to `g`.
  ///
  /// `GradientTests` compares both with finite differences, `ContextTests` the input's with a context.
  ///
  /// - Parameters:
  ///   - dOutput: The gradient of the block's output in the flow's order, which may be the result
  ///     for another block; nil when `forward` was asked for the density only.
  ///   - slopes: The gradient of the loss with respect to the log-determinant (or log-density) of
  ///     each sample.
  ///   - throughContext: Whether the input's gradient goes through the context, in place of taking
  ///     it for a constant.
  func gradient(
    _ dOutput: Matrix?, slopes: [Float], cache: BlockCache, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>, throughContext: Bool, scratch: BlockGradientScratch
  ) -> Matrix {
    transformGradient(dOutput, slopes: slopes, cache: cache, scratch: scratch)
    predictGradient(cache, weights: w, gradient: g, scratch: scratch)
    if let norm = parameters.finalNorm, let saved = cache.finalNorm,
      let stream = cache.layers.last?.output
    {
      scratch.dStream.fill(0)
      layerNormGradient(
        scratch.dHidden, x: stream, scale: norm.scale.vector(w), cache: saved,
        into: scratch.dStream, intoScale: norm.scale.vector(g), intoShift: norm.shift.vector(g))
    }
    let network = contextNetwork(scratch.layers.layer.products)
    scratch.dContext?.fill(0)
    for (index, (layer, layerCache)) in zip(parameters.layers, cache.layers).enumerated().reversed()
    {
      transformerLayerGradient(
        scratch.dStream, layerCache, layer, weights: w, gradient: g, flow: flow,
        scratch: scratch.layers)
      if let network, let sums = cache.context?.sums, let dSums = scratch.dContext {
        network.addGradient(
          scratch.dStream, sums: sums, layer: index, weights: w, gradient: g, into: dSums)
      }
    }
    readContextGradient(
      cache, weights: w, gradient: g, throughContext: throughContext, scratch: scratch)
    embedGradient(cache, weights: w, gradient: g, scratch: scratch)
    clearMissing(scratch.dx)
    scatter(scratch.dx, into: scratch.dInput)
    return scratch.dInput
  }

  /// Writes the gradients of the transform's parameters and of x.
  private func transformGradient(
    _ dOutput: Matrix?, slopes: [Float], cache: BlockCache, scratch: BlockGradientScratch
  ) {
    if flow.transform == .mixture, dOutput == nil {
      return mixtureLogDensityGradient(
        slopes: slopes, x: cache.x, parameters: cache.transformParameters,
        components: flow.components, periods: periods, into: scratch.dTransformParameters,
        intoX: scratch.dx)
    }
    let dz = scratch.dz
    if let dOutput {
      gather(dOutput, into: dz)
    } else {
      // d log φ(z) = −z dz.
      let count = dz.count / slopes.count
      for element in 0..<dz.count {
        dz.base[element] = -slopes[element / count] * cache.z.base[element]
      }
    }
    if flow.transform == .mixture {
      mixtureGradient(
        dz, x: cache.x, parameters: cache.transformParameters, components: flow.components,
        periods: periods, slopes: slopes, into: scratch.dTransformParameters, intoX: scratch.dx)
    } else {
      affineGradient(
        dz, z: cache.z, parameters: cache.transformParameters, index: AffineIndex(flow),
        periods: periods, slopes: slopes, into: scratch.dTransformParameters, intoX: scratch.dx)
    }
  }

  /// Writes the gradient of the Transformer's output; the head adds to that of x.
  private func predictGradient(
    _ cache: BlockCache, weights w: Weights, gradient g: UnsafeMutablePointer<Float>,
    scratch: BlockGradientScratch
  ) {
    let products = scratch.layers.layer.products
    if let head = parameters.head, let saved = cache.head, let memory = scratch.head {
      WithinTokenHead(parameters: head, flow: flow, periods: periods, scratch: products).gradient(
        scratch.dTransformParameters, hidden: cache.hidden, x: cache.x, cache: saved, weights: w,
        gradient: g, into: scratch.dHidden, intoX: scratch.dx, memory: memory)
    } else if let projOut = parameters.projOut {
      if !flow.startToken { unshift(scratch.dTransformParameters, into: scratch.dOutput) }
      linearGradient(
        scratch.dOutput, x: cache.hidden, weight: projOut.matrix(w),
        intoWeight: projOut.weight.matrix(g), intoBias: projOut.bias.vector(g),
        into: scratch.dHidden, scratch: products)
    }
  }

  /// The reverse of `shift`: every row comes from the one after it; the last token's has no effect.
  private func unshift(_ dShifted: Matrix, into d: Matrix) {
    for row in 0..<d.rows {
      if row % flow.tokens == flow.tokens - 1 {
        d[row].update(repeating: 0, count: d.columns)
      } else {
        d[row].update(from: dShifted[row + 1], count: d.columns)
      }
    }
  }

  /// Adds the stream's gradient to those of the embeddings and of x.
  private func embedGradient(
    _ cache: BlockCache, weights w: Weights, gradient g: UnsafeMutablePointer<Float>,
    scratch: BlockGradientScratch
  ) {
    let dStream = scratch.dStream
    for row in 0..<dStream.rows {
      let place = row % flow.tokens
      ck_add(flow.width, dStream[row], parameters.position.matrix(g)[order[place]])
      addClassGradient(dStream[row], label: cache.labels?[row / flow.tokens], gradient: g)
      if place == 0, let start = parameters.start {
        ck_add(flow.width, dStream[row], start.vector(g))
        // The start token took this row's place: proj_in had no part in it.
        dStream[row].update(repeating: 0, count: flow.width)
      }
    }
    linearGradient(
      dStream, x: cache.entering, weight: parameters.projIn.matrix(w),
      intoWeight: parameters.projIn.weight.matrix(g),
      intoBias: parameters.projIn.bias.vector(g), into: scratch.dEntering,
      scratch: scratch.layers.layer.products)
    if flow.startToken { unshift(scratch.dEntering, into: scratch.dUnshifted) }
    guard let inputs else {
      return ck_add(scratch.dx.count, scratch.dUnshifted.base, scratch.dx.base)
    }
    for row in 0..<scratch.dx.rows {
      inputs.addGradient(
        scratch.dUnshifted[row], token: cache.x[row], at: row % flow.tokens, to: scratch.dx[row])
    }
  }

  private func addClassGradient(
    _ dToken: UnsafeMutablePointer<Float>, label: Int?, gradient g: UnsafeMutablePointer<Float>
  ) {
    guard let embedding = parameters.classEmbedding?.matrix(g) else { return }
    if let label, label >= 0 { return ck_add(flow.width, dToken, embedding[label]) }
    for label in 0..<flow.classes {
      for j in 0..<flow.width { embedding[label][j] += dToken[j] / Float(flow.classes) }
    }
  }
}
