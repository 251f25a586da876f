import Kernels

/// What the network that reads the context keeps for its gradient.
struct ContextCache {
  /// The features of the entries of all rows, [samples · pairs, F].
  let features: Matrix
  /// Their hidden units before GELU, [samples · pairs, units]; in the end their gradient.
  let hidden: Matrix
  /// The sums of the hidden units over the entries, [samples · tokens, units].
  let sums: Matrix

  init(samples: Int, flow: FlowConfiguration, shape: ContextShape, in arena: Arena) {
    features = arena.matrix(samples * shape.pairs, shape.features)
    hidden = arena.matrix(samples * shape.pairs, flow.contextUnits)
    sums = arena.matrix(samples * flow.tokens, flow.contextUnits)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(samples: Int, flow: FlowConfiguration, shape: ContextShape) -> Int {
    Arena.bytes(floats: samples * shape.pairs * shape.features)
      + Arena.bytes(floats: samples * shape.pairs * flow.contextUnits)
      + Arena.bytes(floats: samples * flow.tokens * flow.contextUnits)
  }
}
