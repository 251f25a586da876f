import Kernels

/// What the head keeps for its gradient.
struct HeadCache {
  /// (x, sin 2x, cos 2x) of the features before the last, [rows, 3(D − 1)].
  let previous: Matrix
  /// Hidden units of all features before and after GELU, [rows, D · units].
  let beforeGELU: Matrix
  let afterGELU: Matrix

  init(rows: Int, flow: FlowConfiguration, in arena: Arena) {
    previous = arena.matrix(rows, flow.headInputs)
    beforeGELU = arena.matrix(rows, flow.features * flow.headUnits)
    afterGELU = arena.matrix(rows, flow.features * flow.headUnits)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration) -> Int {
    Arena.bytes(floats: rows * flow.headInputs)
      + 2 * Arena.bytes(floats: rows * flow.features * flow.headUnits)
  }
}

/// Memory that the gradients of the heads of all blocks use in turn.
struct HeadGradientScratch {
  let dUnits: Matrix
  let dPrevious: Matrix

  init(rows: Int, flow: FlowConfiguration, in arena: Arena) {
    dUnits = arena.matrix(rows, flow.features * flow.headUnits)
    dPrevious = arena.matrix(rows, flow.headInputs)
  }

  /// The bytes of an arena that `init` takes.
  static func bytes(rows: Int, flow: FlowConfiguration) -> Int {
    Arena.bytes(floats: rows * flow.headInputs)
      + Arena.bytes(floats: rows * flow.features * flow.headUnits)
  }
}

extension FlowConfiguration {
  /// Inputs of the head from the features of its own token: three for each but the last.
  var headInputs: Int { max(1, 3 * (features - 1)) }
}
