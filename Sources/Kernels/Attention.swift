import CKernels

/// Memory for the attention matrices of one sequence and head, the rows padded to whole vectors.
package func attentionScratch(tokens: Int, matrices: Int = 1, in arena: Arena) -> Matrix {
  arena.matrix(matrices * tokens, (tokens + 15) / 16 * 16)
}

/// Causal multi-head attention of a batch of sequences, softmax(q kᵀ / √head width) v.
///
/// - Parameters:
///   - qkv: [batch · tokens, 3 · width]: the thirds q, k, v, heads contiguous within each.
///   - out: [batch · tokens, width].
///   - scratch: Memory for one sequence and head, `attentionScratch`; no matrix of all sequences is ever kept.
/// - SeeAlso: Vaswani et al. 2017, eq. 1.
package func causalAttention(
  _ qkv: Matrix, tokens: Int, heads: Int, into out: Matrix, scratch: Matrix
) {
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let p = scratch.columns(0..<tokens)
    probabilities(q, k, into: p)
    multiply(p, v, into: out.rows(rows).columns(head))
  }
}

// MARK: - Gradient

/// The reverse of `causalAttention`: the gradient of qkv from that of `out`; probabilities are computed again.
///
/// - Parameter scratch: Memory for two matrices, `attentionScratch(…, matrices: 2)`.
package func causalAttentionGradient(
  _ dOut: Matrix, qkv: Matrix, tokens: Int, heads: Int, into dqkv: Matrix, scratch: Matrix
) {
  let p = scratch.rows(0..<tokens).columns(0..<tokens)
  let dp = scratch.rows(tokens..<2 * tokens).columns(0..<tokens)
  let width = qkv.columns / 3
  let factor = attentionFactor(headWidth: width / heads)
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let dout = dOut.rows(rows).columns(head)
    let d = dqkv.rows(rows)
    let columns = { (third: Int) in
      d.columns(third * width + head.lowerBound..<third * width + head.upperBound)
    }
    probabilities(q, k, into: p)
    multiply(p, dout, .first, into: columns(2))
    multiply(dout, v, .second, into: dp)
    ck_causal_softmax_gradient(tokens, p.stride, factor, p.base, dp.base)
    multiply(dp, k, into: columns(0))
    multiply(dp, q, .first, into: columns(1))
  }
}

// MARK: - Decoding

/// Attention of one new token per sequence over the rows of its key–value cache.
///
/// - Parameters:
///   - qkv: The new token's [batch, 3 · width].
///   - cache: Keys and values, [batch · capacity, 2 · width]; this token's are stored at `position`.
///   - temperature: Divides the logits; 1 is plain attention.
package func cachedAttention(
  _ qkv: Matrix, cache: Matrix, position: Int, capacity: Int, heads: Int, temperature: Float = 1,
  into out: Matrix, scratch: Matrix
) {
  let width = out.columns
  let headWidth = width / heads
  precondition(scratch.count > position, "scratch of \(scratch.count) for position \(position)")
  let factor = attentionFactor(headWidth: headWidth) / temperature
  for sequence in 0..<qkv.rows {
    let first = cache[sequence * capacity]
    cache[sequence * capacity + position].update(from: qkv[sequence] + width, count: 2 * width)
    for head in 0..<heads {
      let offset = head * headWidth
      ck_attend_cached(
        position + 1, headWidth, cache.stride, factor, qkv[sequence] + offset, first + offset,
        first + width + offset, scratch.base, out[sequence] + offset)
    }
  }
}

private func attentionFactor(headWidth: Int) -> Float { 1 / Float(headWidth).squareRoot() }

private func probabilities(_ q: Matrix, _ k: Matrix, into p: Matrix) {
  multiply(q, k, .second, into: p)
  ck_causal_softmax(q.rows, p.stride, attentionFactor(headWidth: q.columns), p.base)
}

private func forEachHead(
  _ qkv: Matrix, tokens: Int, heads: Int,
  _ body: (_ q: Matrix, _ k: Matrix, _ v: Matrix, _ rows: Range<Int>, _ head: Range<Int>) -> Void
) {
  let width = qkv.columns / 3
  let headWidth = width / heads
  for sequence in 0..<qkv.rows / tokens {
    let rows = sequence * tokens..<(sequence + 1) * tokens
    let all = qkv.rows(rows)
    for head in 0..<heads {
      let columns = head * headWidth..<(head + 1) * headWidth
      body(
        all.columns(columns), all.columns(width + columns.lowerBound..<width + columns.upperBound),
        all.columns(2 * width + columns.lowerBound..<2 * width + columns.upperBound), rows, columns)
    }
  }
}
