import Kernels

/// Where the parameters of one Transformer layer lie.
struct LayerParameters: Equatable, Sendable {
  let attentionNorm: LayerNormParameters
  let qkv: LinearParameters
  let projection: LinearParameters
  let mlpNorm: LayerNormParameters
  let up: LinearParameters
  let down: LinearParameters

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    let width = flow.width
    attentionNorm = LayerNormParameters(&layout, "\(name).attention.norm", width: width)
    qkv = LinearParameters(
      &layout, "\(name).attention.qkv", from: width, to: 3 * width, rounded: true)
    projection = LinearParameters(
      &layout, "\(name).attention.proj", from: width, to: width, rounded: true)
    mlpNorm = LayerNormParameters(&layout, "\(name).mlp.norm", width: width)
    up = LinearParameters(
      &layout, "\(name).mlp.main.0", from: width, to: flow.expansion * width, rounded: true)
    down = LinearParameters(
      &layout, "\(name).mlp.main.2", from: flow.expansion * width, to: width, rounded: true)
    layout.addHiddenMatrices(of: qkv.weight, count: 3)
    for linear in [projection, up, down] { layout.addHiddenMatrices(of: linear.weight) }
  }
}

/// Where the parameters of the within-token head lie: D small MLPs whose first layers share the
/// Transformer's output.
struct HeadParameters: Equatable, Sendable {
  /// From the Transformer's output to the hidden units of all features, [D · units, width].
  let token: LinearParameters
  /// From the features before to the hidden units of feature d = 1, 2, …, [units, 3d] each.
  let previous: [WeightParameter]
  /// From the hidden units to the parameters of each feature, [P, units] each.
  let output: [WeightParameter]
  /// The output's bias, [D · P].
  let outputBias: Parameter

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    let units = flow.headUnits
    token = LinearParameters(
      &layout, "\(name).token", from: flow.width, to: flow.features * units, rounded: true)
    layout.addHiddenMatrices(of: token.weight)
    previous = (1..<max(1, flow.features)).map { d in
      let bound = 1 / Float(3 * d).squareRoot()
      return WeightParameter(
        &layout, "\(name).previous.\(d).weight", from: 3 * d, to: units, .uniform(bound))
    }
    output = (0..<flow.features).map { d in
      WeightParameter(
        &layout, "\(name).output.\(d).weight", from: units, to: flow.parametersPerFeature,
        .constant(0))
    }
    outputBias = layout.add(
      "\(name).output.bias", [flow.features * flow.parametersPerFeature], flow.initialOutput)
  }
}

/// Where the parameters lie of the network that reads the context; the hidden units of entry j in
/// row t are `GELU(A φ + e_j + f_t)`.
struct ContextParameters: Equatable, Sendable {
  /// A, from the features of an entry to the hidden units, [F, units]: the transpose of a layer's.
  let features: Parameter
  /// e, a vector for each entry, [entries, units].
  let entries: Parameter
  /// f, a vector for each row, [tokens, units].
  let rows: Parameter
  /// From the sum of the hidden units to the input of each layer, [width, units] each; zero at the
  /// start, so that a training begins with the network without a context.
  let layers: [WeightParameter]

  init(
    _ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration,
    _ shape: ContextShape
  ) {
    let units = flow.contextUnits
    features = layout.add(
      "\(name).features", [shape.features, units], .uniform(1 / Float(shape.features).squareRoot()))
    entries = layout.add("\(name).entries", [shape.count, units], .normal(0.5))
    rows = layout.add("\(name).rows", [flow.tokens, units], .normal(0.5))
    layers = (0..<flow.layers).map {
      WeightParameter(
        &layout, "\(name).layers.\($0).weight", from: units, to: flow.width, .constant(0))
    }
  }
}

/// Where the parameters of one block lie; the names are those of the published code where it has
/// the tensor.
struct BlockParameters: Equatable, Sendable {
  let projIn: LinearParameters
  let position: Parameter
  let classEmbedding: Parameter?
  let start: Parameter?
  let layers: [LayerParameters]
  let finalNorm: LayerNormParameters?
  let projOut: LinearParameters?
  let head: HeadParameters?
  let context: ContextParameters?

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    projIn = LinearParameters(&layout, "\(name).proj_in", from: flow.inputs, to: flow.width)
    position = layout.add("\(name).pos_embed", [flow.tokens, flow.width], .normal(1e-2))
    classEmbedding =
      flow.classes > 0
      ? layout.add("\(name).class_embed", [flow.classes, 1, flow.width], .normal(1e-2)) : nil
    start = flow.startToken ? layout.add("\(name).start", [flow.width], .normal(1e-2)) : nil
    layers = (0..<flow.layers).map { LayerParameters(&layout, "\(name).attn_blocks.\($0)", flow) }
    finalNorm =
      flow.finalNorm ? LayerNormParameters(&layout, "\(name).norm", width: flow.width) : nil
    projOut =
      flow.withinToken
      ? nil
      : LinearParameters(
        &layout, "\(name).proj_out", from: flow.width,
        to: flow.features * flow.parametersPerFeature,
        zero: true, bias: flow.initialOutput)
    head = flow.withinToken ? HeadParameters(&layout, "\(name).head", flow) : nil
    // The last, so that all others begin with the values that they have without it.
    context = flow.context.map { ContextParameters(&layout, "\(name).context", flow, $0) }
  }
}

extension FlowConfiguration {
  /// The bias of the output layer at the start: the identity, or a mixture with its centres spread
  /// over the data.
  var initialOutput: InitialValues {
    guard network.transform == .mixture else { return .constant(0) }
    let centres = (0..<network.components).map { k in
      network.components == 1 ? 0 : -1.5 + 3 * Float(k) / Float(network.components - 1)
    }
    let zeros = [Float](repeating: 0, count: network.components)
    return .values(zeros + centres + zeros)
  }
}
