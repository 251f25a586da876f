import CKernels

/// Causal multi-head attention of a batch of sequences, softmax(q kᵀ / √head width) v.
///
/// The queries of a sequence and head go in blocks, each with the keys before its end: no matrix [tokens, tokens] is kept,
/// and half of it is never computed.
///
/// - Parameters:
///   - qkv: [batch · tokens, 3 · width]: the thirds q, k, v, heads contiguous within each.
///   - out: [batch · tokens, width].
/// - SeeAlso: Vaswani et al. 2017, eq. 1.
package func causalAttention(
  _ qkv: Matrix, tokens: Int, heads: Int, into out: Matrix, scratch: AttentionScratch
) {
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let out = out.rows(rows).columns(head)
    let keys = scratch.keys(k)
    for queries in blocks(of: tokens) {
      let p = scratch.probabilities(queries)
      probabilities(q.rows(queries), keys, into: p, first: queries.lowerBound)
      multiply(p, v.rows(0..<queries.upperBound), into: out.rows(queries))
    }
  }
}

/// Memory for the attention of one sequence and head.
package struct AttentionScratch {
  /// Queries that are worked on together: their probabilities stay in the cache.
  static let block = 48

  private let p: Matrix
  private let dp: Matrix
  private let keys: UnsafeMutableRawPointer?
  private let values: UnsafeMutableRawPointer?

  package init(tokens: Int, headWidth: Int, in arena: Arena) {
    p = arena.matrix(min(tokens, Self.block), wholeVectors(tokens))
    dp = arena.matrix(min(tokens, Self.block), wholeVectors(tokens))
    let panels = {
      MatrixUnit.best(for: .fp32).map {
        Panels(unit: $0, rows: headWidth, columns: tokens, in: arena).base
      }
    }
    keys = panels()
    values = panels()
  }

  fileprivate func keys(_ k: Matrix) -> TransposedFactor { TransposedFactor(k, memory: keys) }

  fileprivate func values(_ v: Matrix) -> TransposedFactor { TransposedFactor(v, memory: values) }

  /// [queries, keys up to the last of them].
  fileprivate func probabilities(_ queries: Range<Int>) -> Matrix {
    p.rows(0..<queries.count).columns(0..<queries.upperBound)
  }

  fileprivate func gradient(_ queries: Range<Int>) -> Matrix {
    dp.rows(0..<queries.count).columns(0..<queries.upperBound)
  }
}

// MARK: - Gradient

/// The reverse of `causalAttention`: the gradient of qkv from that of `out`; probabilities are computed again.
package func causalAttentionGradient(
  _ dOut: Matrix, qkv: Matrix, tokens: Int, heads: Int, into dqkv: Matrix,
  scratch: AttentionScratch
) {
  let width = qkv.columns / 3
  let factor = attentionFactor(headWidth: width / heads)
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let dOut = dOut.rows(rows).columns(head)
    let (dq, dk, dv) = thirds(dqkv.rows(rows), head: head)
    let (keys, values) = (scratch.keys(k), scratch.values(v))
    // The last block reaches all keys: it writes the sums, the others add to them.
    for queries in blocks(of: tokens).reversed() {
      let before = 0..<queries.upperBound
      let beta: Float = queries.upperBound == tokens ? 0 : 1
      let p = scratch.probabilities(queries)
      let dp = scratch.gradient(queries)
      probabilities(q.rows(queries), keys, into: p, first: queries.lowerBound)
      multiply(p, dOut.rows(queries), .first, into: dv.rows(before), beta: beta)
      values.multiply(dOut.rows(queries), into: dp)
      ck_causal_softmax_gradient(
        dp.rows, queries.lowerBound, wholeVectors(dp.columns), dp.stride, factor, p.base, dp.base)
      multiply(dp, k.rows(before), into: dq.rows(queries))
      multiply(dp, q.rows(queries), .first, into: dk.rows(before), beta: beta)
    }
  }
}

// MARK: - Decoding

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

  /// Attention of one new token of every sequence over itself and the tokens before, which it joins.
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

// MARK: - Parts

private func attentionFactor(headWidth: Int) -> Float { 1 / Float(headWidth).squareRoot() }

private func wholeVectors(_ count: Int) -> Int { (count + 15) / 16 * 16 }

private func blocks(of tokens: Int) -> [Range<Int>] {
  stride(from: 0, to: tokens, by: AttentionScratch.block).map {
    $0..<min(tokens, $0 + AttentionScratch.block)
  }
}

/// The factor b of products a · bᵀ: b [tokens, head width], and the panels of its transpose where a unit multiplies.
private struct TransposedFactor {
  let matrix: Matrix
  let panels: UnsafeMutableRawPointer?

  init(_ matrix: Matrix, memory: UnsafeMutableRawPointer?) {
    self.matrix = matrix
    panels = memory
    panels(columns: matrix.rows)?.fill(transposeOf: matrix)
  }

  private func panels(columns: Int) -> Panels? {
    guard let panels, let unit = MatrixUnit.best(for: .fp32) else { return nil }
    return Panels(unit: unit, rows: matrix.columns, columns: columns, base: panels)
  }

  /// a · bᵀ for the first tokens of b, as many as `c` has columns.
  func multiply(_ a: Matrix, into c: Matrix) {
    if let panels = panels(columns: c.columns) {
      product(a.base, lda: a.stride, step: 1, panels, into: c, accumulating: false)
    } else {
      Kernels.multiply(a, matrix.rows(0..<c.columns), .second, into: c)
    }
  }
}

private func probabilities(_ q: Matrix, _ keys: TransposedFactor, into p: Matrix, first: Int) {
  keys.multiply(q, into: p)
  ck_causal_softmax(
    p.rows, first, wholeVectors(p.columns), p.stride, attentionFactor(headWidth: q.columns), p.base)
}

/// The columns of q, k and v of one head.
private func thirds(_ qkv: Matrix, head: Range<Int>) -> (Matrix, Matrix, Matrix) {
  let width = qkv.columns / 3
  func third(_ number: Int) -> Matrix {
    qkv.columns(number * width + head.lowerBound..<number * width + head.upperBound)
  }
  return (third(0), third(1), third(2))
}

private func forEachHead(
  _ qkv: Matrix, tokens: Int, heads: Int,
  _ body: (_ q: Matrix, _ k: Matrix, _ v: Matrix, _ rows: Range<Int>, _ head: Range<Int>) -> Void
) {
  let width = qkv.columns / 3
  let headWidth = width / heads
  for sequence in 0..<qkv.rows / tokens {
    let rows = sequence * tokens..<(sequence + 1) * tokens
    for head in 0..<heads {
      let columns = head * headWidth..<(head + 1) * headWidth
      let (q, k, v) = thirds(qkv.rows(rows), head: columns)
      body(q, k, v, rows, columns)
    }
  }
}
