import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

/// Causal attention by its definition: qkv [batch · tokens, 3 · width] to [batch · tokens, width].
private func reference(_ qkv: [Double], batch: Int, tokens: Int, heads: Int, headWidth: Int)
  -> [Double]
{
  let width = heads * headWidth
  var out = [Double](repeating: 0, count: batch * tokens * width)
  for sequence in 0..<batch {
    for head in 0..<heads {
      func element(_ third: Int, _ token: Int, _ d: Int) -> Double {
        qkv[(sequence * tokens + token) * 3 * width + third * width + head * headWidth + d]
      }
      for i in 0..<tokens {
        let scores = (0...i).map { j in
          (0..<headWidth).reduce(0) { $0 + element(0, i, $1) * element(1, j, $1) }
            / Double(headWidth).squareRoot()
        }
        let top = scores.max() ?? 0
        let weights = scores.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        for d in 0..<headWidth {
          out[(sequence * tokens + i) * width + head * headWidth + d] =
            (0...i).reduce(0) { $0 + weights[$1] * element(2, $1, d) } / sum
        }
      }
    }
  }
  return out
}

@Suite struct AttentionTests {
  init() throws { try loadBLAS() }

  /// The last two have more tokens than a block of queries; heads of whole vectors and fewer than 64
  /// tokens are the matter of one kernel, where the CPU has AVX-512.
  @Test(arguments: oddSizes + [49, 61, 130], [(1, 3), (3, 4), (2, 32), (1, 64)])
  func `causal attention`(tokens: Int, shape: (heads: Int, headWidth: Int)) {
    let arena = Arena()
    let width = shape.heads * shape.headWidth
    let qkv = normals(2 * tokens * 3 * width, seed: 1, scale: 2)
    let out = arena.matrix(2 * tokens, width)
    causalAttention(
      arena.matrix(2 * tokens, 3 * width, qkv), tokens: tokens, heads: shape.heads, into: out,
      scratch: AttentionScratch(tokens: tokens, headWidth: shape.headWidth, in: arena))
    let expected = reference(
      qkv, batch: 2, tokens: tokens, heads: shape.heads, headWidth: shape.headWidth)
    expectClose(out.doubles, expected, absolute: 1e-5, "attention")
  }

  @Test(arguments: [(1, 3), (3, 3), (7, 3), (8, 3), (17, 3), (62, 3), (1, 16), (7, 16), (17, 16)])
  func `the gradient of causal attention`(tokens: Int, headWidth: Int) {
    let arena = Arena()
    let heads = 2
    let width = heads * headWidth
    let qkv = normals(tokens * 3 * width, seed: 2)
    let upstream = normals(tokens * width, seed: 3)
    let dqkv = arena.matrix(tokens, 3 * width)
    causalAttentionGradient(
      arena.matrix(tokens, width, upstream), qkv: arena.matrix(tokens, 3 * width, qkv),
      tokens: tokens, heads: heads, into: dqkv,
      scratch: AttentionScratch(tokens: tokens, headWidth: headWidth, in: arena))
    let expected = numericGradient(qkv) {
      dot(
        reference($0, batch: 1, tokens: tokens, heads: heads, headWidth: headWidth), upstream)
    }
    expectClose(dqkv.doubles, expected, absolute: 1e-5, "gradient")
  }

  /// Every number of tokens, and rows of qkv and out that lie apart.
  @Test(.enabled(if: MatrixUnit.avx512.isUsable))
  func `one kernel for short sequences has the result of products one by one`() {
    let arena = Arena()
    let (batch, heads, headWidth) = (2, 2, 48)
    let width = heads * headWidth
    for tokens in 1...63 {
      let count = batch * tokens
      let qkv = arena.matrix(count, 3 * width, normals(count * 3 * width, seed: 8))
      let upstream = arena.matrix(count, width + 5, normals(count * (width + 5), seed: 9))
      func pass(_ unit: MatrixUnit?) -> (out: [Double], gradient: [Double]) {
        let (out, gradient) = (arena.matrix(count, width + 3), arena.matrix(count, 3 * width))
        out.fill(1)
        let scratch = AttentionScratch(tokens: tokens, headWidth: headWidth, unit: unit, in: arena)
        causalAttention(
          qkv, tokens: tokens, heads: heads, into: out.columns(0..<width), scratch: scratch)
        causalAttentionGradient(
          upstream.columns(0..<width), qkv: qkv, tokens: tokens, heads: heads, into: gradient,
          scratch: scratch)
        return (out.doubles, gradient.doubles)
      }
      let (one, many) = (pass(.avx512), pass(nil))
      expectClose(one.out, many.out, absolute: 2e-6, relative: 2e-6, "\(tokens) tokens")
      expectClose(
        one.gradient, many.gradient, absolute: 1e-5, relative: 1e-5, "gradient, \(tokens) tokens")
      arena.reset()
    }
  }

  /// Whole and broken blocks of queries; on every unit that rounds, and the model of the matrix
  /// unit.
  @Test(arguments: MatrixUnit.allCases.filter { $0.isUsable && $0.rounds }, [64, 70, 130])
  func `long sequences are multiplied in bfloat16, and come out close`(
    unit: MatrixUnit, tokens: Int
  ) {
    let arena = Arena()
    let (heads, headWidth) = (2, 40)
    let width = heads * headWidth
    let qkv = arena.matrix(2 * tokens, 3 * width, normals(2 * tokens * 3 * width, seed: 6))
    let upstream = arena.matrix(2 * tokens, width, normals(2 * tokens * width, seed: 7))
    func pass(_ unit: MatrixUnit?) -> (out: [Double], gradient: [Double]) {
      let (out, gradient) = (
        arena.matrix(2 * tokens, width), arena.matrix(2 * tokens, 3 * width)
      )
      let scratch = AttentionScratch(
        tokens: tokens, headWidth: headWidth, unit: unit, in: arena)
      causalAttention(qkv, tokens: tokens, heads: heads, into: out, scratch: scratch)
      causalAttentionGradient(
        upstream, qkv: qkv, tokens: tokens, heads: heads, into: gradient, scratch: scratch)
      return (out.doubles, gradient.doubles)
    }
    let (exact, rounded) = (pass(nil), pass(unit))
    for (found, expected) in [(rounded.out, exact.out), (rounded.gradient, exact.gradient)] {
      let error = zip(found, expected).map { $0 - $1 }
      let relative = (dot(error, error) / dot(expected, expected)).squareRoot()
      // Some roundings of at most 2⁻⁹ each.
      #expect(relative > 1e-4 && relative < 0.01, "relative error \(relative)")
    }
  }

  @Test(arguments: oddSizes)
  func `attention over the cache is the last row of full attention`(tokens: Int) {
    let arena = Arena()
    let (batch, heads, headWidth) = (2, 2, tokens % 2 == 0 ? 32 : 5)
    let width = heads * headWidth
    let qkv = normals(batch * tokens * 3 * width, seed: 4)
    let expected = reference(
      qkv, batch: batch, tokens: tokens, heads: heads, headWidth: headWidth)
    let cache = KeyValueCache(
      batch: batch, tokens: tokens, heads: heads, headWidth: headWidth, in: arena)
    for position in 0..<tokens {
      let rows = (0..<batch).map { ($0 * tokens + position) }
      let out = arena.matrix(batch, width)
      cache.attend(
        arena.matrix(
          batch, 3 * width, rows.flatMap { qkv[$0 * 3 * width..<($0 + 1) * 3 * width] }),
        position: position, into: out)
      expectClose(
        out.doubles, rows.flatMap { expected[$0 * width..<($0 + 1) * width] }, absolute: 1e-5,
        "position \(position)")
    }
  }

  @Test func `a temperature divides the logits`() {
    let arena = Arena()
    let qkv = normals(2 * 12, seed: 5)
    var scaled = qkv
    for index in scaled.indices where index % 12 < 4 { scaled[index] /= 2.5 }
    let expected = reference(scaled, batch: 1, tokens: 2, heads: 1, headWidth: 4).suffix(4)
    let cache = KeyValueCache(batch: 1, tokens: 2, heads: 1, headWidth: 4, in: arena)
    let out = arena.matrix(1, 4)
    for position in 0..<2 {
      cache.attend(
        arena.matrix(1, 12, Array(qkv[position * 12..<(position + 1) * 12])),
        position: position, temperature: 2.5, into: out)
    }
    expectClose(out.doubles, Array(expected), absolute: 1e-6, "out")
  }

  @Test func `the exponential is good to 2e-7 down to e⁻⁸⁰`() {
    var worst = 0.0
    for index in 0..<16_000 {
      let x = -0.005 * Float(index)
      // The second row's softmax is (1, eˣ)/(1 + eˣ).
      var scores: [Float] = [0, 0, 0, x]
      ck_causal_softmax(2, 0, 2, 2, 1, &scores)
      let found = Double(scores[3]) / Double(scores[2])
      worst = max(worst, abs(found / exp(Double(x)) - 1))
    }
    #expect(worst < 2e-7)
  }

  @Test func `softmax survives any finite scores`() {
    var scores: [Float] = [3e38, 5, 5, -3e38, 3e38, 5, -1e30, -1e30, -1e30]
    ck_causal_softmax(3, 0, 3, 3, 0.5, &scores)
    expectClose(
      scores.map(Double.init), [1, 0, 0, 0, 1, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3], absolute: 1e-7)
  }
}
