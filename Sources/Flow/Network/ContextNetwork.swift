import Kernels

/// The network that reads the context: row t of the stream gets `W_l S_t` before layer l,
/// `S_t = Σ_j GELU(A φ_tj + e_j + f_t)` over the entries j that it sees, φ their features.
struct ContextNetwork {
  let parameters: ContextParameters
  let shape: ContextShape
  let scratch: ProductScratch?

  /// Writes `S` of consecutive entries that belong to rows.
  ///
  /// - Parameters:
  ///   - features: The entries' features, row after row, [Σ entries, F].
  ///   - rows: Which rows of the sequence the entries belong to.
  ///   - hidden: The hidden units before GELU, [Σ entries, units].
  ///   - sums: S, [rows, units].
  func sum(
    _ features: Matrix, rows: some Sequence<Int>, weights w: Weights, hidden: Matrix,
    into sums: Matrix
  ) {
    matrixProduct(features, parameters.features.matrix(w), into: hidden)
    var first = 0
    for (place, row) in rows.enumerated() {
      let entries = shape.entries[row]
      geluSum(
        hidden.rows(first..<first + entries), terms: parameters.entries.matrix(w).rows(0..<entries),
        bias: parameters.rows.matrix(w)[row], into: sums[place])
      first += entries
    }
  }

  /// Adds `W_l S` to the input of a layer.
  func add(_ sums: Matrix, toLayer layer: Int, weights w: Weights, stream: Matrix) {
    linear(
      sums, weight: parameters.layers[layer].matrix(w), bias: nil, into: stream, accumulating: true,
      scratch: scratch)
  }

  // MARK: - Gradient

  /// The reverse of `sum` for a sample: parameter gradients are added to `g`.
  ///
  /// - Parameters:
  ///   - dSums: The gradient of S, [tokens, units].
  ///   - hidden: As `sum` has left them; their gradient takes their place.
  func sumGradient(
    _ dSums: Matrix, features: Matrix, hidden: Matrix, gradient g: UnsafeMutablePointer<Float>
  ) {
    var first = 0
    for (row, entries) in shape.entries.enumerated() {
      geluSumGradient(
        dSums[row], pre: hidden.rows(first..<first + entries),
        intoTerms: parameters.entries.matrix(g).rows(0..<entries),
        intoBias: parameters.rows.matrix(g)[row])
      first += entries
    }
    // In pieces that the product of small matrices takes.
    for first in stride(from: 0, to: hidden.rows, by: 256) {
      let piece = first..<min(hidden.rows, first + 256)
      matrixProduct(
        features.rows(piece), hidden.rows(piece), .first, into: parameters.features.matrix(g),
        beta: 1)
    }
  }

  /// The gradient of the features, given that of the hidden units that `sumGradient` has left.
  func featureGradient(_ dHidden: Matrix, weights w: Weights, into dFeatures: Matrix) {
    matrixProduct(dHidden, parameters.features.matrix(w), .second, into: dFeatures)
  }

  /// The reverse of `add`: adds to the gradient of S.
  func addGradient(
    _ dStream: Matrix, sums: Matrix, layer: Int, weights w: Weights,
    gradient g: UnsafeMutablePointer<Float>, into dSums: Matrix
  ) {
    linearGradient(
      dStream, x: sums, weight: parameters.layers[layer].matrix(w),
      intoWeight: parameters.layers[layer].matrix(g), intoBias: nil, into: dSums,
      accumulating: true, scratch: scratch)
  }
}
