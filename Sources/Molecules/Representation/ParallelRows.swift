import Kernels

/// A matrix whose rows are computed on several workers.
///
/// - Parameters:
///   - initial: What every element is before `body` writes it.
///   - body: Writes the row with this number.
/// - Returns: [count, width].
func parallelRows<Element>(
  _ count: Int, width: Int, of initial: Element, execution: Execution,
  _ body: (Int, UnsafeMutableBufferPointer<Element>) -> Void
) -> [Element] {
  var elements = [Element](repeating: initial, count: count * width)
  elements.withUnsafeMutableBufferPointer { buffer in
    let whole = buffer
    parallel(count, workers: execution.workers) { row in
      body(row, UnsafeMutableBufferPointer(rebasing: whole[row * width..<(row + 1) * width]))
    }
  }
  return elements
}
