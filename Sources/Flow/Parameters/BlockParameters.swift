import Kernels

/// Where a weight [out, in] lies, and its panels.
struct WeightSlot: Equatable, Sendable {
  let slot: Slot
  private let panels: PanelSlot

  /// - Parameter rounded: Whether the products may be rounded to bfloat16.
  init(
    _ layout: inout ParameterLayout, _ name: String, from inputs: Int, to outputs: Int,
    _ initial: InitialValues, rounded: Bool = false
  ) {
    slot = layout.add(name, [outputs, inputs], initial)
    panels = layout.addPanels(of: slot, mayBeRounded: rounded)
  }

  /// The weight, with its panels if a matrix unit multiplies it.
  func matrix(_ weights: Weights) -> LinearWeight {
    LinearWeight(slot.matrix(weights), panels: weights.panels?.panels(panels))
  }

  /// The weight's gradient.
  func matrix(_ gradient: UnsafeMutablePointer<Float>) -> Matrix { slot.matrix(gradient) }
}

/// Where a linear layer's weight [out, in] and bias [out] lie.
struct LinearSlots: Equatable, Sendable {
  let weight: WeightSlot
  let bias: Slot

  /// - Parameter rounded: Whether the products may be rounded to bfloat16.
  init(
    _ layout: inout ParameterLayout, _ name: String, from inputs: Int, to outputs: Int,
    zero: Bool = false,
    bias initialBias: InitialValues? = nil, rounded: Bool = false
  ) {
    let initial = zero ? InitialValues.constant(0) : .uniform(1 / Float(inputs).squareRoot())
    weight = WeightSlot(
      &layout, "\(name).weight", from: inputs, to: outputs, initial, rounded: rounded)
    bias = layout.add("\(name).bias", [outputs], initialBias ?? initial)
  }

  /// The weight, with its panels if a matrix unit multiplies it.
  func matrix(_ weights: Weights) -> LinearWeight { weight.matrix(weights) }
}

/// Where a LayerNorm's scale and shift lie.
struct NormSlots: Equatable, Sendable {
  let scale: Slot
  let shift: Slot

  init(_ layout: inout ParameterLayout, _ name: String, width: Int) {
    scale = layout.add("\(name).weight", [width], .constant(1))
    shift = layout.add("\(name).bias", [width], .constant(0))
  }
}

/// Where the parameters of one Transformer layer lie.
struct LayerSlots: Equatable, Sendable {
  let attentionNorm: NormSlots
  let qkv: LinearSlots
  let projection: LinearSlots
  let mlpNorm: NormSlots
  let up: LinearSlots
  let down: LinearSlots

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    let width = flow.width
    attentionNorm = NormSlots(&layout, "\(name).attention.norm", width: width)
    qkv = LinearSlots(&layout, "\(name).attention.qkv", from: width, to: 3 * width, rounded: true)
    projection = LinearSlots(
      &layout, "\(name).attention.proj", from: width, to: width, rounded: true)
    mlpNorm = NormSlots(&layout, "\(name).mlp.norm", width: width)
    up = LinearSlots(
      &layout, "\(name).mlp.main.0", from: width, to: flow.expansion * width, rounded: true)
    down = LinearSlots(
      &layout, "\(name).mlp.main.2", from: flow.expansion * width, to: width, rounded: true)
  }
}

/// Where the parameters of the within-token head lie: D small MLPs whose first layers share the Transformer's output.
struct HeadSlots: Equatable, Sendable {
  /// From the Transformer's output to the hidden units of all features, [D · units, width].
  let token: LinearSlots
  /// From the features before to the hidden units of feature d = 1, 2, …, [units, 3d] each.
  let previous: [WeightSlot]
  /// From the hidden units to the parameters of each feature, [P, units] each.
  let output: [WeightSlot]
  /// The output's bias, [D · P].
  let outputBias: Slot

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    let units = flow.headUnits
    token = LinearSlots(
      &layout, "\(name).token", from: flow.width, to: flow.features * units)
    previous = (1..<max(1, flow.features)).map { d in
      let bound = 1 / Float(3 * d).squareRoot()
      return WeightSlot(
        &layout, "\(name).previous.\(d).weight", from: 3 * d, to: units, .uniform(bound))
    }
    output = (0..<flow.features).map { d in
      WeightSlot(
        &layout, "\(name).output.\(d).weight", from: units, to: flow.parametersPerFeature,
        .constant(0))
    }
    outputBias = layout.add(
      "\(name).output.bias", [flow.features * flow.parametersPerFeature], flow.initialOutput)
  }
}

/// Where the parameters of one block lie; the names are those of the published code where it has the tensor.
struct BlockSlots: Equatable, Sendable {
  let projIn: LinearSlots
  let position: Slot
  let classEmbedding: Slot?
  let start: Slot?
  let layers: [LayerSlots]
  let finalNorm: NormSlots?
  let projOut: LinearSlots?
  let head: HeadSlots?

  init(_ layout: inout ParameterLayout, _ name: String, _ flow: FlowConfiguration) {
    projIn = LinearSlots(&layout, "\(name).proj_in", from: flow.features, to: flow.width)
    position = layout.add("\(name).pos_embed", [flow.tokens, flow.width], .normal(1e-2))
    classEmbedding =
      flow.classes > 0
      ? layout.add("\(name).class_embed", [flow.classes, 1, flow.width], .normal(1e-2)) : nil
    start = flow.startToken ? layout.add("\(name).start", [flow.width], .normal(1e-2)) : nil
    layers = (0..<flow.layers).map { LayerSlots(&layout, "\(name).attn_blocks.\($0)", flow) }
    finalNorm = flow.finalNorm ? NormSlots(&layout, "\(name).norm", width: flow.width) : nil
    projOut =
      flow.withinToken
      ? nil
      : LinearSlots(
        &layout, "\(name).proj_out", from: flow.width,
        to: flow.features * flow.parametersPerFeature,
        zero: true, bias: flow.initialOutput)
    head = flow.withinToken ? HeadSlots(&layout, "\(name).head", flow) : nil
  }
}

extension FlowConfiguration {
  /// The bias of the output layer at the start: the identity, or a mixture with its centres spread over the data.
  var initialOutput: InitialValues {
    guard transform == .mixture else { return .constant(0) }
    let centres = (0..<components).map { k in
      components == 1 ? 0 : -1.5 + 3 * Float(k) / Float(components - 1)
    }
    let zeros = [Float](repeating: 0, count: components)
    return .values(zeros + centres + zeros)
  }
}
