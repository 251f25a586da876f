import Kernels

/// The context of the samples of a chunk as they are decoded, token by token.
///
/// The sums of a row have the bits of `FlowBlock.readContext` but for the rounding of products.
struct ContextDecoding {
  private let context: any TokenContext
  private let network: ContextNetwork
  private let samples: Int
  /// The state of each sample, [samples, stateSize].
  private let states: UnsafeMutablePointer<Double>
  /// Of the entries of one row of every sample.
  private let features: Matrix
  private let hidden: Matrix
  /// [samples, units].
  private let sums: Matrix

  /// Memory for a chunk; nil for a flow without a context.
  init?(_ block: FlowBlock, _ chunk: Chunk, products: ProductScratch?) {
    guard let context = block.context, let network = block.contextNetwork(products) else {
      return nil
    }
    (self.context, self.network, samples) = (context, network, chunk.samples.count)
    states = chunk.arena.memory(of: Double.self, samples * context.stateSize)
    features = chunk.arena.matrix(samples * network.shape.count, network.shape.features)
    hidden = chunk.arena.matrix(samples * network.shape.count, block.flow.contextUnits)
    sums = chunk.arena.matrix(samples, block.flow.contextUnits)
  }

  /// Sums over the entries of a row, once the tokens before it are taken.
  func read(row: Int, weights w: Weights) {
    let entries = network.shape.entries[row]
    for sample in 0..<samples {
      context.write(
        row: row, state: states + sample * context.stateSize, into: features[sample * entries])
    }
    network.sum(
      features.rows(0..<samples * entries), rows: repeatElement(row, count: samples), weights: w,
      hidden: hidden.rows(0..<samples * entries), into: sums)
  }

  /// Adds what was read to the input of a layer.
  func add(toLayer layer: Int, weights w: Weights, stream: Matrix) {
    network.add(sums, toLayer: layer, weights: w, stream: stream)
  }

  /// Takes a token of every sample, [samples, D].
  func take(_ tokens: Matrix, at index: Int) {
    for sample in 0..<samples {
      context.take(tokens[sample], at: index, state: states + sample * context.stateSize)
    }
  }
}
