/// The shape of a TarFlow: everything that fixes its parameters and its map, and nothing of its
/// training.
package struct FlowConfiguration: Codable, Equatable, Sendable {
  /// The map of one feature, given the parameters that the Transformer predicts for it.
  package enum Transform: String, Codable, Sendable, CaseIterable {
    /// `z = (x − b) · exp(−a)`.
    case affine
    /// `z = x − b`, which preserves volume.
    case translation
    /// `z = Φ⁻¹(Σ_k π_k Φ((x − μ_k)/σ_k))`.
    case mixture
  }

  /// Tokens of a sequence, T.
  package var tokens: Int
  /// Features of a token, D.
  package var features: Int
  /// Flow blocks, each with its own causal Transformer.
  package var blocks = 1
  /// Transformer layers of a block.
  package var layers = 2
  /// Width of the residual stream.
  package var width = 96
  /// Width of an attention head; divides `width`.
  package var headWidth = 32
  /// Width of the hidden layer of the MLP, in units of `width`.
  package var expansion = 4
  package var transform = Transform.mixture
  /// Components K of the mixture.
  package var components = 8
  /// Whether a feature's parameters also depend on the features of its own token before it.
  package var withinToken = true
  /// Hidden units of the within-token head.
  package var headUnits = 64
  /// Whether a learned token starts the sequence, so that token 0 has parameters too; not in the
  /// published code.
  package var startToken = true
  /// Whether a LayerNorm follows the last layer; not in the published code.
  package var finalNorm = true
  /// Classes of a conditional flow; 0 for an unconditional one.
  package var classes = 0
  /// The order in which each block reads the tokens; empty: as they are and reversed, in turn.
  package var orders: [[Int]] = []

  package init(tokens: Int, features: Int) {
    self.tokens = tokens
    self.features = features
  }

  /// The configuration of the published code: no start token, no final norm, one linear output
  /// layer.
  package static func published(
    tokens: Int, features: Int, blocks: Int, layers: Int, width: Int, headWidth: Int = 64,
    classes: Int = 0,
    transform: Transform = .affine
  ) -> FlowConfiguration {
    var configuration = FlowConfiguration(tokens: tokens, features: features)
    configuration.blocks = blocks
    configuration.layers = layers
    configuration.width = width
    configuration.headWidth = headWidth
    configuration.classes = classes
    configuration.transform = transform
    configuration.withinToken = false
    configuration.startToken = false
    configuration.finalNorm = false
    return configuration
  }

  /// Attention heads of a layer.
  package var heads: Int { width / headWidth }

  /// The parameters P that the Transformer predicts for each feature.
  package var parametersPerFeature: Int {
    switch transform {
    case .affine: 2
    case .translation: 1
    case .mixture: 3 * components
    }
  }

  /// The order of a block: position t of its sequence holds token `order(of: block)[t]`.
  package func order(of block: Int) -> [Int] {
    if !orders.isEmpty { return orders[block] }
    return block % 2 == 0 ? Array(0..<tokens) : Array((0..<tokens).reversed())
  }

  /// Checks that the numbers fit each other.
  /// - Throws: `FlowError.configuration` naming the first that does not.
  package func validate() throws(FlowError) {
    func require(_ holds: Bool, _ what: String) throws(FlowError) {
      if !holds { throw FlowError.configuration(what) }
    }
    // The upper limits keep the number of parameters of a damaged file's configuration below 2⁶³.
    let sizes = [
      ("tokens", tokens, 16_384), ("features", features, 16_384), ("blocks", blocks, 256),
      ("layers", layers, 256), ("width", width, 16_384), ("head width", headWidth, 16_384),
      ("expansion", expansion, 64), ("head units", headUnits, 16_384),
    ]
    for (name, size, most) in sizes {
      try require((1...most).contains(size), "\(name) is \(size), expected 1 to \(most)")
    }
    try require(
      width % headWidth == 0, "width \(width) is not a multiple of the head width \(headWidth)")
    try require(
      (1...64).contains(components), "components is \(components), expected 1 to 64")
    try require(
      (0...65_536).contains(classes), "classes is \(classes), expected 0 to 65536")
    try require(
      startToken || (transform != .mixture && !withinToken),
      "the mixture and the within-token head need the start token")
    try require(
      orders.isEmpty || orders.count == blocks, "\(orders.count) orders for \(blocks) blocks")
    for order in orders {
      try require(
        order.sorted() == Array(0..<tokens), "an order is no permutation of \(tokens) tokens")
    }
  }
}
