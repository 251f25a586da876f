/// The shape of a TarFlow: everything that fixes its parameters and its map, and nothing of its
/// training.
@dynamicMemberLookup
package struct FlowConfiguration: Equatable, Sendable {
  /// Tokens of a sequence, T.
  package var tokens: Int
  /// Features of a token, D.
  package var features: Int
  /// Classes of a conditional flow; 0 for an unconditional one.
  package var classes = 0
  /// The shape of the context; nil for a flow without `contextUnits`.
  package var context: ContextShape?
  package var network = NetworkConfiguration()
  /// The windows of the features on a circle, of a flow whose network is `periodic`; otherwise nil.
  package var windows: PeriodicWindows?
  /// How many of the D features each token has, [tokens]; nil when all have all.
  ///
  /// Those behind them are missing: they are 0 in z and x, and have no density.
  package var present: [Int]?

  package init(
    tokens: Int, features: Int, network: NetworkConfiguration = NetworkConfiguration()
  ) {
    self.tokens = tokens
    self.features = features
    self.network = network
  }

  /// The settings of the network, as those of the flow.
  @inline(__always)
  package subscript<Value>(
    dynamicMember setting: WritableKeyPath<NetworkConfiguration, Value>
  ) -> Value {
    get { network[keyPath: setting] }
    set { network[keyPath: setting] = newValue }
  }

  /// The configuration of the published code: no start token, no final norm, one linear output
  /// layer.
  package static func published(
    tokens: Int, features: Int, blocks: Int, layers: Int, width: Int, headWidth: Int = 64,
    classes: Int = 0,
    transform: NetworkConfiguration.Transform = .affine
  ) -> FlowConfiguration {
    var configuration = FlowConfiguration(tokens: tokens, features: features)
    configuration.classes = classes
    configuration.network.blocks = blocks
    configuration.network.layers = layers
    configuration.network.width = width
    configuration.network.headWidth = headWidth
    configuration.network.transform = transform
    configuration.network.withinToken = false
    configuration.network.startToken = false
    configuration.network.finalNorm = false
    return configuration
  }

  /// Attention heads of a layer.
  package var heads: Int { network.width / network.headWidth }

  /// The parameters P that the Transformer predicts for each feature.
  package var parametersPerFeature: Int {
    switch network.transform {
    case .affine: 2
    case .translation: 1
    case .mixture: 3 * network.components
    }
  }

  /// The order of a block: position t of its sequence holds token `order(of: block)[t]`.
  package func order(of block: Int) -> [Int] {
    if !network.orders.isEmpty { return network.orders[block] }
    return block % 2 == 0 ? Array(0..<tokens) : Array((0..<tokens).reversed())
  }

  /// Whether a feature of [tokens, D] is missing.
  package func isMissing(_ feature: Int) -> Bool {
    present.map { feature % features >= $0[feature / features] } ?? false
  }

  /// Checks that the numbers fit each other.
  /// - Throws: `FlowError.configuration` naming the first that does not.
  package func validate() throws(FlowError) {
    for (name, size) in [("tokens", tokens), ("features", features)] {
      try require((1...16_384).contains(size), "\(name) is \(size), expected 1 to 16384")
    }
    try require(
      (0...65_536).contains(classes), "classes is \(classes), expected 0 to 65536")
    try network.validate()
    for order in network.orders {
      try require(
        order.sorted() == Array(0..<tokens),
        "orders has one that is no permutation of \(tokens) tokens")
    }
    try require(
      network.periodic == (windows != nil),
      network.periodic
        ? "periodic is true, but no feature of these tokens lies on a circle"
        : "periodic is false, but there are windows of features on a circle")
    try windows?.validate(tokens: tokens, features: features)
    if let present {
      try require(
        present.count == tokens && present.allSatisfy { (1...features).contains($0) },
        "present has the features of \(present.count) tokens, \(present.min() ?? 0) to "
          + "\(present.max() ?? 0), expected \(tokens) numbers from 1 to \(features)")
    }
    guard network.contextUnits > 0 else {
      return try require(context == nil, "context_units is 0, but there is a context")
    }
    guard let context else {
      throw .configuration(
        "context_units is \(network.contextUnits), but these tokens have no context; set it to 0")
    }
    try require(
      order(of: 0) == Array(0..<tokens),
      "context_units is \(network.contextUnits), which needs the tokens in their natural order")
    try context.validate(tokens: tokens)
  }
}

extension FlowConfiguration: Codable {
  private enum CodingKeys: String, CodingKey {
    case tokens, features, classes, windows, present, context
  }

  /// Reads what `encode` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tokens = try container.decode(Int.self, forKey: .tokens)
    features = try container.decode(Int.self, forKey: .features)
    classes = try container.decode(Int.self, forKey: .classes)
    windows = try container.decodeIfPresent(PeriodicWindows.self, forKey: .windows)
    present = try container.decodeIfPresent([Int].self, forKey: .present)
    context = try container.decodeIfPresent(ContextShape.self, forKey: .context)
    network = try NetworkConfiguration(from: decoder)
  }

  /// Writes the network's settings beside the flow's own.
  package func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(features, forKey: .features)
    try container.encode(classes, forKey: .classes)
    try container.encodeIfPresent(windows, forKey: .windows)
    try container.encodeIfPresent(present, forKey: .present)
    try container.encodeIfPresent(context, forKey: .context)
  }
}
