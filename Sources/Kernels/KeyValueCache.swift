import CKernels

/// The keys and values of the tokens that are decoded, of every sequence and head.
package struct KeyValueCache {
  private let keys: UnsafeMutablePointer<Float>
  private let values: UnsafeMutablePointer<Float>
  private let scores: UnsafeMutablePointer<Float>
  /// Tokens, in whole vectors.
  private let capacity: Int
  private let heads: Int
  private let headWidth: Int

  package init(batch: Int, tokens: Int, heads: Int, headWidth: Int, in arena: Arena) {
    capacity = wholeVectors(tokens)
    (self.heads, self.headWidth) = (heads, headWidth)
    keys = arena.floats(batch * heads * capacity * headWidth)
    values = arena.floats(batch * heads * capacity * headWidth)
    scores = arena.floats(capacity)
    // Vectors reach beyond the last key.
    keys.update(repeating: 0, count: batch * heads * capacity * headWidth)
  }

  /// Attention of one new token of every sequence over itself and the tokens before, which it
  /// joins.
  ///
  /// - Parameters:
  ///   - qkv: The new token's [batch, 3 · width].
  ///   - temperature: Divides the logits; 1 is plain attention.
  ///   - out: [batch, width].
  package func attend(_ qkv: Matrix, position: Int, temperature: Float = 1, into out: Matrix) {
    precondition(position < capacity, "position \(position) of \(capacity)")
    let width = heads * headWidth
    let factor = attentionFactor(headWidth: headWidth) / temperature
    for sequence in 0..<qkv.rows {
      for head in 0..<heads {
        let place = (sequence * heads + head) * capacity * headWidth
        let token = qkv[sequence] + head * headWidth
        for d in 0..<headWidth { keys[place + d * capacity + position] = token[width + d] }
        (values + place + position * headWidth).update(from: token + 2 * width, count: headWidth)
        ck_attend_cached(
          position + 1, headWidth, capacity, factor, token, keys + place, values + place, scores,
          out[sequence] + head * headWidth)
      }
    }
  }
}
