/// The network of a flow: everything that fixes its parameters and its map, but the tokens,
/// features and classes that the data give.
package struct NetworkConfiguration: Codable, Equatable, Sendable {
  /// The map of one feature, given the parameters that the Transformer predicts for it.
  package enum Transform: String, Codable, Sendable, CaseIterable {
    /// `z = (x − b) · exp(−a)`.
    case affine
    /// `z = x − b`, which preserves volume.
    case translation
    /// `z = Φ⁻¹(Σ_k π_k Φ((x − μ_k)/σ_k))`.
    case mixture
  }

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
  /// Whether features that the data has on a circle, such as torsions, have a density on that circle;
  /// not in the published code.
  package var periodic = false
  /// Hidden units of the network that reads the tokens' context; 0 for none.
  ///
  /// For molecules the context is the atoms already placed. Not in the published code.
  package var contextUnits = 0
  /// The order in which each block reads the tokens; empty: as they are and reversed, in turn.
  package var orders: [[Int]] = []

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case blocks, layers, width, expansion, transform, components, periodic, orders
    case headWidth = "head_width"
    case withinToken = "within_token"
    case headUnits = "head_units"
    case startToken = "start_token"
    case finalNorm = "final_norm"
    case contextUnits = "context_units"
  }

  /// Reads what `encode` writes; without `periodic` it is false, without `context_units` 0.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func decode<Value: Decodable>(_ key: CodingKeys) throws -> Value {
      try container.decode(Value.self, forKey: key)
    }
    blocks = try decode(.blocks)
    layers = try decode(.layers)
    width = try decode(.width)
    headWidth = try decode(.headWidth)
    expansion = try decode(.expansion)
    transform = try decode(.transform)
    components = try decode(.components)
    withinToken = try decode(.withinToken)
    headUnits = try decode(.headUnits)
    startToken = try decode(.startToken)
    finalNorm = try decode(.finalNorm)
    periodic = try container.decodeIfPresent(Bool.self, forKey: .periodic) ?? false
    contextUnits = try container.decodeIfPresent(Int.self, forKey: .contextUnits) ?? 0
    orders = try decode(.orders)
  }

  /// The largest sizes; they keep the number of parameters of a damaged file's configuration below
  /// 2⁶³.
  package static let mostBlocks = 256
  package static let mostLayers = 256
  package static let mostUnits = 16_384
  package static let mostExpansion = 64
  package static let mostComponents = 64

  /// Checks that the numbers fit each other.
  /// - Throws: `FlowError.configuration` naming the first that does not.
  package func validate() throws(FlowError) {
    let sizes = [
      ("blocks", blocks, Self.mostBlocks), ("layers", layers, Self.mostLayers),
      ("width", width, Self.mostUnits), ("head_width", headWidth, Self.mostUnits),
      ("expansion", expansion, Self.mostExpansion), ("head_units", headUnits, Self.mostUnits),
      ("components", components, Self.mostComponents),
    ]
    for (name, size, most) in sizes {
      try require((1...most).contains(size), "\(name) is \(size), expected 1 to \(most)")
    }
    try require(
      width % headWidth == 0, "width is \(width), expected a multiple of head_width, \(headWidth)")
    try require(
      startToken || (transform != .mixture && !withinToken),
      "start_token is false, but the mixture and the within-token head need it")
    try require(
      (0...Self.mostUnits).contains(contextUnits),
      "context_units is \(contextUnits), expected 0 to \(Self.mostUnits)")
    // Otherwise a gradient would have to pass through what the context makes of the tokens.
    try require(
      contextUnits == 0 || (blocks == 1 && startToken),
      "context_units is \(contextUnits), but only a single block with a start token can have any")
    try require(
      orders.isEmpty || orders.count == blocks,
      "orders has \(orders.count) entries, expected none or one for each of \(blocks) blocks")
    try require(
      !periodic || (blocks == 1 && transform == .mixture),
      "periodic is true, which needs one block with the mixture; this flow has \(blocks) with "
        + "the transform \(transform.rawValue)")
  }
}

func require(_ holds: Bool, _ problem: String) throws(FlowError) {
  if !holds { throw FlowError.configuration(problem) }
}
