import Kernels

/// The weights that a pass reads: one flat array in the order of the layout, and the panels of the large ones when
/// their products are rounded to bfloat16.
struct Weights {
  let base: UnsafeMutablePointer<Float>
  var rounded: RoundedWeights?
}

/// The bfloat16 panels of a flow's Transformer layers, made anew whenever the weights have changed.
///
/// Only the layers' matrices are rounded: norms, embeddings, the head and the transform stay in single precision.
final class RoundedWeights {
  private let layout: ParameterLayout
  private let unit: BFloat16Unit
  private let memory: UnsafeMutablePointer<UInt16>

  init(_ flow: TarFlow, unit: BFloat16Unit) {
    layout = flow.layout
    self.unit = unit
    memory = .allocate(capacity: max(1, layout.panelElements))
  }

  deinit { memory.deallocate() }

  /// Rounds the weights.
  func update(from weights: [Float], workers: Int) {
    withMutableBase(of: weights) { base in
      parallel(layout.panels.count, workers: workers) { index in
        let slot = layout.panels[index]
        let (forward, backward) = panels(slot)
        forward.fill(transposeOf: slot.weight.matrix(base))
        backward.fill(slot.weight.matrix(base))
      }
    }
  }

  func panels(_ slot: PanelSlot) -> LinearWeight.BothPanels {
    (
      Panels(unit: unit, rows: slot.inputs, columns: slot.outputs, base: memory + slot.offset),
      Panels(
        unit: unit, rows: slot.outputs, columns: slot.inputs,
        base: memory + slot.offset + slot.forwardSize)
    )
  }
}

/// The weights for the time of `body`; a matrix view is mutable by type, but the network only reads them.
func withWeights<Result>(
  _ weights: [Float], rounded: RoundedWeights? = nil, _ body: (Weights) -> Result
) -> Result {
  withMutableBase(of: weights) { body(Weights(base: $0, rounded: rounded)) }
}

private func withMutableBase<Result>(
  of weights: [Float], _ body: (UnsafeMutablePointer<Float>) -> Result
) -> Result {
  weights.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a flow without weights") }
    return body(UnsafeMutablePointer(mutating: base))
  }
}
