import Kernels

/// Where a weight [out, in] lies, and its panels.
struct WeightParameter: Equatable, Sendable {
  let parameter: Parameter
  private let packed: PackedWeight

  /// - Parameter rounded: Whether the products may be rounded to bfloat16.
  init(
    _ layout: inout ParameterLayout, _ name: String, from inputs: Int, to outputs: Int,
    _ initial: InitialValues, rounded: Bool = false
  ) {
    parameter = layout.add(name, [outputs, inputs], initial)
    packed = layout.addPanels(of: parameter, mayBeRounded: rounded)
  }

  /// The weight, with its panels if a matrix unit multiplies it.
  func matrix(_ weights: Weights) -> LinearWeight {
    LinearWeight(parameter.matrix(weights), panels: weights.panels?.panels(packed))
  }

  /// The weight's gradient.
  func matrix(_ gradient: UnsafeMutablePointer<Float>) -> Matrix { parameter.matrix(gradient) }
}

/// Where a linear layer's weight [out, in] and bias [out] lie.
struct LinearParameters: Equatable, Sendable {
  let weight: WeightParameter
  let bias: Parameter

  /// - Parameter rounded: Whether the products may be rounded to bfloat16.
  init(
    _ layout: inout ParameterLayout, _ name: String, from inputs: Int, to outputs: Int,
    zero: Bool = false,
    bias initialBias: InitialValues? = nil, rounded: Bool = false
  ) {
    let initial = zero ? InitialValues.constant(0) : .uniform(1 / Float(inputs).squareRoot())
    weight = WeightParameter(
      &layout, "\(name).weight", from: inputs, to: outputs, initial, rounded: rounded)
    bias = layout.add("\(name).bias", [outputs], initialBias ?? initial)
  }

  /// The weight, with its panels if a matrix unit multiplies it.
  func matrix(_ weights: Weights) -> LinearWeight { weight.matrix(weights) }
}

/// Where a LayerNorm's scale and shift lie.
struct LayerNormParameters: Equatable, Sendable {
  let scale: Parameter
  let shift: Parameter

  init(_ layout: inout ParameterLayout, _ name: String, width: Int) {
    scale = layout.add("\(name).weight", [width], .constant(1))
    shift = layout.add("\(name).bias", [width], .constant(0))
  }
}
