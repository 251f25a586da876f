import Kernels

/// The weights that a pass reads: one flat array in the order of the layout, and the panels of the
/// large ones when a matrix unit multiplies them.
struct Weights {
  let base: UnsafeMutablePointer<Float>
  var panels: WeightPanels?
}

/// The panels of a flow's large matrices, filled again whenever the weights have changed.
///
/// A unit that rounds multiplies the Transformer layers' matrices and the head's first one: what
/// follows stays in single precision, as do norms, embeddings and the transform.
final class WeightPanels {
  let unit: MatrixUnit
  private let hasBackward: Bool
  private let packedWeights: [PackedWeight]
  private let offsets: [Int]
  private let memory: UnsafeMutableRawPointer

  /// - Parameter gradient: Whether the panels for the input's gradient are wanted too.
  init(_ layout: ParameterLayout, unit: MatrixUnit, gradient: Bool) {
    self.unit = unit
    hasBackward = gradient
    packedWeights = layout.packedWeights
    var size = 0
    offsets = packedWeights.map { packed in
      defer { size += Self.bytes(packed, unit: unit, gradient: gradient) }
      return size
    }
    memory = .allocate(byteCount: max(1, size), alignment: 64)
  }

  deinit { memory.deallocate() }

  /// The bytes that the panels of all weights of a layout take.
  static func bytes(_ layout: ParameterLayout, unit: MatrixUnit, gradient: Bool) -> Int {
    layout.packedWeights.reduce(0) { $0 + bytes($1, unit: unit, gradient: gradient) }
  }

  private static func bytes(_ packed: PackedWeight, unit: MatrixUnit, gradient: Bool) -> Int {
    guard let unit = packed.mayBeRounded ? unit : unit.unrounded else { return 0 }
    return packed.forwardSize(unit) + (gradient ? packed.backwardSize(unit) : 0)
  }

  /// Takes the weights as they are now.
  func update(from weights: [Float], workers: Int) {
    withWeights(weights) { w in
      parallel(packedWeights.count, workers: workers) { index in
        let packed = packedWeights[index]
        guard let (forward, backward) = panels(packed) else { return }
        forward.fill(transposeOf: packed.weight.matrix(w))
        backward?.fill(packed.weight.matrix(w))
      }
    }
  }

  /// The panels of a weight; nil where BLAS multiplies it.
  func panels(_ packed: PackedWeight) -> LinearWeight.BothPanels? {
    guard let unit = packed.mayBeRounded ? unit : unit.unrounded else { return nil }
    let base = memory + offsets[packed.index]
    let forward = Panels(unit: unit, rows: packed.inputs, columns: packed.outputs, base: base)
    guard hasBackward else { return (forward, nil) }
    let backward = Panels(
      unit: unit, rows: packed.outputs, columns: packed.inputs,
      base: base + packed.forwardSize(unit))
    return (forward, backward)
  }
}

/// The weights for the time of `body`; a matrix view is mutable by type, but the network only
/// reads them.
func withWeights<Result>(
  _ weights: [Float], panels: WeightPanels? = nil, _ body: (Weights) -> Result
) -> Result {
  weights.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a flow without weights") }
    return body(Weights(base: UnsafeMutablePointer(mutating: base), panels: panels))
  }
}
