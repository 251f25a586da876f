import Kernels

extension FlowBlock {
  /// The network that reads the context; nil for a flow without one.
  func contextNetwork(_ products: ProductScratch?) -> ContextNetwork? {
    guard let parameters = parameters.context, let shape = flow.context else { return nil }
    return ContextNetwork(parameters: parameters, shape: shape, scratch: products)
  }

  /// Fills the block's cache with the features of the context of every sample, and what the network
  /// makes of them.
  func readContext(_ cache: BlockCache, weights w: Weights, products: ProductScratch?) {
    guard let memory = cache.context, let network = contextNetwork(products), let context else {
      return
    }
    let pairs = network.shape.pairs
    withUnsafeTemporaryAllocation(of: Double.self, capacity: context.stateSize) { state in
      guard let state = state.baseAddress else { return }
      for sample in 0..<cache.x.rows / flow.tokens {
        var entry = sample * pairs
        for row in 0..<flow.tokens {
          context.write(row: row, state: state, into: memory.features[entry])
          context.take(cache.x[sample * flow.tokens + row], at: row, state: state)
          entry += network.shape.entries[row]
        }
        let entries = sample * pairs..<(sample + 1) * pairs
        network.sum(
          memory.features.rows(entries), rows: 0..<flow.tokens, weights: w,
          hidden: memory.hidden.rows(entries),
          into: memory.sums.rows(sample * flow.tokens..<(sample + 1) * flow.tokens))
      }
    }
  }

  /// The reverse of `readContext`: adds to the parameters' gradients.
  ///
  /// The features are data, whose gradient is left out.
  func readContextGradient(
    _ cache: BlockCache, gradient g: UnsafeMutablePointer<Float>, scratch: BlockGradientScratch
  ) {
    guard let memory = cache.context, let dSums = scratch.dContext,
      let network = contextNetwork(scratch.layers.layer.products)
    else { return }
    let pairs = network.shape.pairs
    for sample in 0..<cache.x.rows / flow.tokens {
      let entries = sample * pairs..<(sample + 1) * pairs
      network.sumGradient(
        dSums.rows(sample * flow.tokens..<(sample + 1) * flow.tokens),
        features: memory.features.rows(entries), hidden: memory.hidden.rows(entries), gradient: g)
    }
  }
}
