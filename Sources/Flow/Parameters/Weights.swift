import Kernels

/// The weights that a pass reads: one flat array in the order of the layout, and the panels of the large ones when a
/// matrix unit multiplies them.
struct Weights {
  let base: UnsafeMutablePointer<Float>
  var panels: WeightPanels?
}

/// The panels of a flow's large matrices, made anew whenever the weights have changed.
///
/// A unit that rounds multiplies the Transformer layers' matrices alone: the head stays in single precision, as do norms,
/// embeddings and the transform.
final class WeightPanels {
  let unit: MatrixUnit
  private let hasBackward: Bool
  private let slots: [PanelSlot]
  private let offsets: [Int]
  private let memory: UnsafeMutableRawPointer

  /// - Parameter gradient: Whether the panels for the input's gradient are wanted too.
  init(_ layout: ParameterLayout, unit: MatrixUnit, gradient: Bool) {
    self.unit = unit
    hasBackward = gradient
    slots = layout.panels
    var size = 0
    offsets = slots.map { slot in
      defer {
        if let unit = slot.mayBeRounded ? unit : unit.unrounded {
          size += slot.forwardSize(unit) + (gradient ? slot.backwardSize(unit) : 0)
        }
      }
      return size
    }
    memory = .allocate(byteCount: max(1, size), alignment: 64)
  }

  deinit { memory.deallocate() }

  /// Takes the weights as they are now.
  func update(from weights: [Float], workers: Int) {
    withWeights(weights) { w in
      parallel(slots.count, workers: workers) { index in
        guard let (forward, backward) = panels(slots[index]) else { return }
        forward.fill(transposeOf: slots[index].weight.matrix(w))
        backward?.fill(slots[index].weight.matrix(w))
      }
    }
  }

  /// The panels of a weight; nil where BLAS multiplies it.
  func panels(_ slot: PanelSlot) -> LinearWeight.BothPanels? {
    guard let unit = slot.mayBeRounded ? unit : unit.unrounded else { return nil }
    let base = memory + offsets[slot.index]
    let forward = Panels(unit: unit, rows: slot.inputs, columns: slot.outputs, base: base)
    guard hasBackward else { return (forward, nil) }
    return (
      forward,
      Panels(
        unit: unit, rows: slot.outputs, columns: slot.inputs, base: base + slot.forwardSize(unit))
    )
  }
}

/// The weights for the time of `body`; a matrix view is mutable by type, but the network only reads them.
func withWeights<Result>(
  _ weights: [Float], panels: WeightPanels? = nil, _ body: (Weights) -> Result
) -> Result {
  weights.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a flow without weights") }
    return body(Weights(base: UnsafeMutablePointer(mutating: base), panels: panels))
  }
}
