import Kernels

/// The weights that a pass reads: one flat array in the order of the layout, and the panels of the large ones when a
/// matrix unit multiplies them.
struct Weights {
  let base: UnsafeMutablePointer<Float>
  var panels: WeightPanels?
}

/// The panels of a flow's large matrices, made anew whenever the weights have changed.
///
/// In bfloat16 only the Transformer layers' matrices have panels: norms, embeddings, the head and the transform stay in
/// single precision.
final class WeightPanels {
  let unit: MatrixUnit
  private let slots: [PanelSlot]
  private let offsets: [Int]
  private let memory: UnsafeMutableRawPointer

  init(_ flow: TarFlow, unit: MatrixUnit) {
    self.unit = unit
    slots = flow.layout.panels
    var size = 0
    offsets = slots.map { slot in
      defer { size += slot.forwardSize(unit) + slot.backwardSize(unit) }
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
        backward.fill(slots[index].weight.matrix(w))
      }
    }
  }

  /// The panels of a weight; nil where it is multiplied as it is.
  func panels(_ slot: PanelSlot) -> LinearWeight.BothPanels? {
    if unit.rounds && !slot.mayBeRounded { return nil }
    let base = memory + offsets[slot.index]
    return (
      Panels(unit: unit, rows: slot.inputs, columns: slot.outputs, base: base),
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
