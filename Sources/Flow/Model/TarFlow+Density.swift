import Kernels

extension TarFlow {
  /// `log p(x) = log N(z; 0, 1) + log|∂z/∂x|` of each sample, [batch], in nats, on several workers.
  ///
  /// The density integrates to 1 to 1e-5 in one dimension (`DensityTests`), and is the prior's
  /// times the determinant of `encode` to 2e-5 (`InvertibilityTests`).
  package func logDensity(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = Execution()
  ) -> [Double] {
    let batch = batchSize(x, labels: labels, weights: weights)
    let workspace = Workspace(layout, weights, execution, gradient: false)
    var x = x
    return mapChunks(
      of: &x, ranges(batch, by: chunkSize), labels: labels, weights: weights, in: workspace
    ) { chunk in
      let scratch = LayerScratch(
        rows: chunk.x.rows, flow: configuration, unit: workspace.panels?.unit, in: chunk.arena)
      return forward(chunk, scratch: scratch).logDensity
    }.flatMap { $0 }
  }

  /// The mean of `−log p(x)/(T · D)` over the batch, and its gradients: with respect to the weights
  /// (added to `gradient`) and to x.
  ///
  /// With a standard normal prior this is the published loss `½⟨z²⟩ − ⟨log-determinant⟩/(T · D)`
  /// plus ½ log 2π. The gradients are the slopes of the loss, tensor by tensor, to one part in a
  /// thousand (finite differences, `GradientTests`), and the published ones to 1e-4 of the largest
  /// element (`GoldenTests`). The gradient with respect to x leaves out what x does through a
  /// context.
  package func lossAndGradient(
    _ x: [Float], labels: [Int]? = nil, weights: [Float], execution: Execution = .serial,
    gradient: inout [Float]
  ) -> (loss: Double, inputGradient: [Float]) {
    let batch = batchSize(x, labels: labels, weights: weights)
    // One chunk, whatever its size: the sum over the samples has one order.
    let serial = Execution(workers: 1, unit: execution.unit)
    let workspace = Workspace(layout, weights, serial, gradient: true)
    var dx = x
    let sums = gradient.withUnsafeMutableMatrix(columns: 1) { gradient in
      mapChunks(
        of: &dx, ranges(batch, by: max(1, batch)), labels: labels, weights: weights, in: workspace
      ) { chunk in
        let slope = -1 / Float(batch * dimensions)
        let result = accumulate(chunk, gradient: gradient.base) { _, _ in slope }
        chunk.x.copy(from: result.dx)
        return -result.logDensities.reduce(0, +)
      }
    }
    return (sums.reduce(0, +) / Double(batch * dimensions), dx)
  }

  /// Adds the gradient `Σᵢ cᵢ ∂ log p(xᵢ)/∂w` over the samples of a chunk to `g`.
  ///
  /// The coefficients may depend on the densities, and then are constants: every loss of the
  /// density alone has a gradient of this form, with `cᵢ = ∂loss/∂log p(xᵢ)` (`GradientTests`).
  ///
  /// - Parameters:
  ///   - throughContext: Whether the gradient with respect to x goes through the context.
  ///   - coefficient: `cᵢ`, given a sample's number in the batch and its `log p`.
  /// - Returns: `log p` of each sample, the gradient with respect to x, and, for a flow that learns
  ///   the variance of its prior, z; both [samples · tokens, D] in the flow's order, in the chunk's
  ///   arena.
  func accumulate(
    _ chunk: Chunk, gradient g: UnsafeMutablePointer<Float>, throughContext: Bool = false,
    coefficient: (_ sample: Int, _ logDensity: Double) -> Float
  ) -> (logDensities: [Double], dx: Matrix, z: Matrix?) {
    let scratch = BlockGradientScratch(
      rows: chunk.x.rows, flow: configuration, unit: chunk.weights.panels?.unit, in: chunk.arena)
    let (caches, logDensity) = forward(chunk, scratch: scratch.layers.layer)
    var z: Matrix?
    if learnsPriorVariance, let last = blocks.last, let cache = caches.last {
      let latents = chunk.arena.matrix(chunk.x.rows, chunk.x.columns)
      last.scatter(cache.z, into: latents)
      z = latents
    }
    let slopes = zip(chunk.samples, logDensity).map(coefficient)
    var dOutput: Matrix?
    for (block, cache) in zip(blocks, caches).reversed() {
      dOutput = block.gradient(
        dOutput, slopes: slopes, cache: cache, weights: chunk.weights, gradient: g,
        throughContext: throughContext, scratch: scratch)
    }
    return (logDensity, scratch.dInput, z)
  }

  /// log p of each sample of a chunk, and what the blocks keep for its gradient.
  func forward(_ chunk: Chunk, scratch: LayerScratch) -> (
    caches: [BlockCache], logDensity: [Double]
  ) {
    var input = chunk.x
    var caches: [BlockCache] = []
    let logDensity = chunk.sums { logDensity in
      for (index, block) in blocks.enumerated() {
        let isLast = index == blocks.count - 1
        let cache = block.forward(
          input, labels: chunk.labels, weights: chunk.weights, densityOnly: isLast,
          logDeterminant: logDensity, scratch: scratch, arena: chunk.arena)
        caches.append(cache)
        if !isLast {
          input = chunk.arena.matrix(chunk.x.rows, chunk.x.columns)
          block.scatter(cache.z, into: input)
        }
      }
    }
    return (caches, logDensity)
  }
}
