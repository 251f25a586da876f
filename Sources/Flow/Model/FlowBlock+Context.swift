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
  /// - Parameter throughContext: Whether the features pass their gradient on to that of x, in place
  ///   of being data.
  func readContextGradient(
    _ cache: BlockCache, weights w: Weights, gradient g: UnsafeMutablePointer<Float>,
    throughContext: Bool, scratch: BlockGradientScratch
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
      guard throughContext, let context else { continue }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: pairs * network.shape.features) {
        guard let base = $0.baseAddress else { return }
        let dFeatures = Matrix(base, rows: pairs, columns: network.shape.features)
        network.featureGradient(memory.hidden.rows(entries), weights: w, into: dFeatures)
        context.addGradient(
          base, features: memory.features[entries.lowerBound],
          tokens: cache.x[sample * flow.tokens], to: scratch.dx[sample * flow.tokens])
      }
    }
  }
}
