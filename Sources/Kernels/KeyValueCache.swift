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
    ck_attend_cached(
      qkv.rows, heads, headWidth, capacity, position,
      attentionFactor(headWidth: headWidth) / temperature, qkv.base, qkv.stride, keys, values,
      scores, out.base, out.stride)
  }
}
