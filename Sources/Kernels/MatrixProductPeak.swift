/// The rate of plain matrix products that fit the cache, GFLOP/s, all threads at once: what the
/// rest is measured against.
///
/// The shape is that of a Transformer layer of width 256 on 1,056 tokens; the best of several tries
/// counts.
package func matrixProductPeak(threads: Int) -> Double {
  let (rows, inner, columns, products) = (1_056, 256, 1_024, 40)
  let operands = (0..<threads).map { _ in
    let arena = Arena()
    let matrices = (
      arena.matrix(rows, inner), arena.matrix(columns, inner), arena.matrix(rows, columns)
    )
    matrices.0.fill(1)
    matrices.1.fill(1)
    return (arena: arena, a: matrices.0, b: matrices.1, c: matrices.2)
  }
  let times = (0..<8).map { _ in
    let start = ContinuousClock.now
    parallel(threads, workers: threads) { thread in
      let (_, a, b, c) = operands[thread]
      for _ in 0..<products { matrixProduct(a, b, .second, into: c) }
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }
  return Double(2 * rows * inner * columns * products * threads) / (times.min() ?? .infinity) / 1e9
}
