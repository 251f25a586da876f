import CKernels

/// Causal multi-head attention of a batch of sequences, softmax(q kᵀ / √head width) v.
///
/// The queries of a sequence and head go in blocks, each with the keys before its end: no matrix
/// [tokens, tokens] is kept, and half of it is never computed. A short sequence is the matter of one
/// kernel, where the CPU has AVX-512. `AttentionTests` compares both with double precision, to 1e-5.
///
/// - Parameters:
///   - qkv: [batch · tokens, 3 · width]: the thirds q, k, v, heads contiguous within each.
///   - out: [batch · tokens, width].
///   - scratch: nil where one kernel does it.
/// - SeeAlso: Vaswani et al. 2017, eq. 1.
package func causalAttention(
  _ qkv: Matrix, tokens: Int, heads: Int, into out: Matrix, scratch: AttentionScratch?
) {
  guard let scratch else {
    let headWidth = out.columns / heads
    return ck_short_attention(
      qkv.rows / tokens, tokens, heads, headWidth, attentionFactor(headWidth: headWidth), qkv.base,
      qkv.stride, out.base, out.stride)
  }
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let out = out.rows(rows).columns(head)
    let keys = scratch.factor(k, .second, number: 0)
    let values = scratch.factor(v, number: 1)
    for queries in scratch.blocks {
      let p = scratch.probabilities(queries)
      probabilities(q.rows(queries), keys, into: p, first: queries.lowerBound)
      values.multiply(p, into: out.rows(queries))
    }
  }
}

/// Memory for the attention of one sequence and head.
package struct AttentionScratch {
  /// Queries that are worked on together: their probabilities stay in the cache.
  let blocks: [Range<Int>]
  private let unit: MatrixUnit?
  private let p: Matrix
  private let dp: Matrix
  /// The panels of three factors that live at a time, and those of a block of queries.
  private let panels: [UnsafeMutableRawPointer]
  private let products: ProductScratch?

  /// Nil where one kernel does all, which needs no memory.
  ///
  /// - Parameter unit: What multiplies; nil for BLAS. Short sequences are not worth the rounding.
  package init?(
    tokens: Int, headWidth: Int, unit: MatrixUnit? = .best(for: .fp32), in arena: Arena
  ) {
    let (unit, block) = Self.choices(tokens: tokens, unit: unit)
    if Self.isShort(tokens: tokens, headWidth: headWidth, unit: unit) { return nil }
    blocks = stride(from: 0, to: tokens, by: block).map { $0..<min(tokens, $0 + block) }
    p = arena.matrix(min(tokens, block), wholeVectors(tokens))
    dp = arena.matrix(min(tokens, block), wholeVectors(tokens))
    panels =
      unit.map { unit in
        let size = Self.panelBytes(unit, tokens: tokens, headWidth: headWidth)
        return (0..<4).map { _ in UnsafeMutableRawPointer(arena.memory(of: UInt8.self, size)) }
      } ?? []
    products = unit.map {
      ProductScratch(
        unit: $0, rows: 0, widest: max(tokens, headWidth, block), gradient: false, in: arena)
    }
    self.unit = unit
  }

  /// The bytes of an arena that `init` takes.
  package static func bytes(tokens: Int, headWidth: Int, unit: MatrixUnit?) -> Int {
    let (unit, block) = choices(tokens: tokens, unit: unit)
    if isShort(tokens: tokens, headWidth: headWidth, unit: unit) { return 0 }
    let probabilities = Arena.bytes(floats: min(tokens, block) * wholeVectors(tokens))
    guard let unit else { return 2 * probabilities }
    return 2 * probabilities
      + 4 * Arena.bytes(UInt8.self, panelBytes(unit, tokens: tokens, headWidth: headWidth))
      + ProductScratch.bytes(
        unit: unit, rows: 0, widest: max(tokens, headWidth, block), gradient: false)
  }

  private static func isShort(tokens: Int, headWidth: Int, unit: MatrixUnit?) -> Bool {
    unit == .avx512 && max(tokens, headWidth) <= Int(CK_SHORT_SEQUENCE)
      && headWidth == wholeVectors(headWidth)
  }

  /// What multiplies, and how many queries go together.
  private static func choices(tokens: Int, unit: MatrixUnit?) -> (unit: MatrixUnit?, queries: Int) {
    let unit = tokens < Tuning.roundedAttentionTokens ? unit?.unrounded : unit
    let queries = Tuning.attentionQueries(tokens: tokens, rounding: unit?.rounds == true)
    return (unit, queries)
  }

  private static func panelBytes(_ unit: MatrixUnit, tokens: Int, headWidth: Int) -> Int {
    max(
      Panels.size(unit, rows: headWidth, columns: tokens),
      Panels.size(unit, rows: tokens, columns: headWidth))
  }

  /// The factor b of products a · b, or bᵀ of products a · bᵀ.
  ///
  /// - Parameter number: Which memory its panels take, 0 … 3.
  fileprivate func factor(_ b: Matrix, _ transposed: Transposed = .neither, number: Int) -> Factor {
    // Without rounding, a factor that lies right is read where it is.
    guard let unit, let products, transposed == .second || unit.rounds else {
      return .matrix(b, transposed)
    }
    let (rows, columns) = transposed == .second ? (b.columns, b.rows) : (b.rows, b.columns)
    let result = Panels(unit: unit, rows: rows, columns: columns, base: panels[number])
    if transposed == .second { result.fill(transposeOf: b) } else { result.fill(b) }
    return .panels(result, products)
  }

  /// `c = aᵀ · b`, or `c += aᵀ · b`, for a block of queries.
  fileprivate func multiply(
    transposeOf a: Matrix, _ b: Matrix, into c: Matrix, accumulating: Bool
  ) {
    switch factor(b, number: 3) {
    case .matrix: matrixProduct(a, b, .first, into: c, beta: accumulating ? 1 : 0)
    case .panels(let panels, let products):
      matrixProduct(
        transposeOf: a, panels, into: c, accumulating: accumulating, scratch: products)
    }
  }

  /// [queries, keys up to the last of them].
  fileprivate func probabilities(_ queries: Range<Int>) -> Matrix {
    p.rows(0..<queries.count).columns(0..<queries.upperBound)
  }

  fileprivate func gradient(_ queries: Range<Int>) -> Matrix {
    dp.rows(0..<queries.count).columns(0..<queries.upperBound)
  }
}

/// The right factor of products: as it lies, or in panels where a unit multiplies.
private enum Factor {
  case matrix(Matrix, Transposed)
  case panels(Panels, ProductScratch)

  /// `c = a · b` with as many first rows of b as a has columns, and as many first columns as c has.
  func multiply(_ a: Matrix, into c: Matrix) {
    switch self {
    case .matrix(let b, .second):
      matrixProduct(a, b.rows(0..<c.columns), .second, into: c)
    case .matrix(let b, _): matrixProduct(a, b.rows(0..<a.columns), into: c)
    case .panels(let b, let scratch):
      matrixProduct(
        a, b.first(rows: a.columns, columns: c.columns), into: c, accumulating: false,
        scratch: scratch)
    }
  }
}

// MARK: - Gradient

/// The reverse of `causalAttention`: the gradient of qkv from that of `out`; probabilities are
/// computed again.
///
/// `AttentionTests` compares it with finite differences.
package func causalAttentionGradient(
  _ dOut: Matrix, qkv: Matrix, tokens: Int, heads: Int, into dqkv: Matrix,
  scratch: AttentionScratch?
) {
  let width = qkv.columns / 3
  let factor = attentionFactor(headWidth: width / heads)
  guard let scratch else {
    precondition(dqkv.stride == qkv.stride, "rows of qkv \(qkv.stride), of dqkv \(dqkv.stride)")
    return ck_short_attention_gradient(
      qkv.rows / tokens, tokens, heads, width / heads, factor, qkv.base, qkv.stride, dOut.base,
      dOut.stride, dqkv.base)
  }
  forEachHead(qkv, tokens: tokens, heads: heads) { q, k, v, rows, head in
    let dOut = dOut.rows(rows).columns(head)
    let (dq, dk, dv) = thirds(dqkv.rows(rows), head: head)
    let keysAcross = scratch.factor(k, .second, number: 0)
    let valuesAcross = scratch.factor(v, .second, number: 1)
    let keys = scratch.factor(k, number: 2)
    // The last block reaches all keys: it writes the sums, the others add to them.
    for queries in scratch.blocks.reversed() {
      let before = 0..<queries.upperBound
      let adding = queries.upperBound < tokens
      let p = scratch.probabilities(queries)
      let dp = scratch.gradient(queries)
      probabilities(q.rows(queries), keysAcross, into: p, first: queries.lowerBound)
      scratch.multiply(
        transposeOf: p, dOut.rows(queries), into: dv.rows(before), accumulating: adding)
      valuesAcross.multiply(dOut.rows(queries), into: dp)
      ck_causal_softmax_gradient(
        dp.rows, queries.lowerBound, wholeVectors(dp.columns), dp.stride, factor, p.base, dp.base)
      keys.multiply(dp, into: dq.rows(queries))
      scratch.multiply(
        transposeOf: dp, q.rows(queries), into: dk.rows(before), accumulating: adding)
    }
  }
}

// MARK: - Parts

/// What multiplies the products of queries and keys, 1/√head width.
func attentionFactor(headWidth: Int) -> Float { 1 / Float(headWidth).squareRoot() }

/// `count` rounded up to whole vectors of 16.
func wholeVectors(_ count: Int) -> Int { (count + 15) / 16 * 16 }

private func probabilities(_ q: Matrix, _ keys: Factor, into p: Matrix, first: Int) {
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
