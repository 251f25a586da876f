/// The rate of plain matrix products that fit the cache, GFLOP/s, all threads at once: what the
/// rest is measured against.
///
/// The shape is that of a Transformer layer of width 256 on 1,056 tokens; the best of several tries
/// counts.
///
/// - Parameter unit: What multiplies, its right factor laid out in panels beforehand; BLAS without
///   one.
package func matrixProductPeak(of unit: MatrixUnit? = nil, threads: Int) -> Double {
  let (rows, inner, columns, products) = (1_056, 256, 1_024, 40)
  let multiply = (0..<threads).map { _ in product(of: unit, rows, inner, columns) }
  let times = (0..<8).map { _ in
    let start = ContinuousClock.now
    parallel(threads, workers: threads) { thread in
      for _ in 0..<products { multiply[thread]() }
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }
  return Double(2 * rows * inner * columns * products * threads) / (times.min() ?? .infinity) / 1e9
}

/// Multiplies matrices of its own, whose elements are 1.
private func product(
  of unit: MatrixUnit?, _ rows: Int, _ inner: Int, _ columns: Int
) -> () -> Void {
  let arena = Arena()
  let (a, c) = (arena.matrix(rows, inner), arena.matrix(rows, columns))
  let b = arena.matrix(columns, inner)
  a.fill(1)
  b.fill(1)
  guard let unit else {
    return { [arena] in
      withExtendedLifetime(arena) { matrixProduct(a, b, .second, into: c) }
    }
  }
  let panels = Panels(unit: unit, rows: inner, columns: columns, in: arena)
  panels.fill(transposeOf: b)
  let scratch = ProductScratch(unit: unit, rows: rows, widest: inner, gradient: false, in: arena)
  return { [arena] in
    withExtendedLifetime(arena) {
      matrixProduct(a, panels, into: c, accumulating: false, scratch: scratch)
    }
  }
}
