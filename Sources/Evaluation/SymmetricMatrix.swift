/// A function of a symmetric matrix, `Σ f(λ) v vᵀ` over its eigenvalues and eigenvectors, found by
/// Jacobi's rotations; for matrices of a few rows.
///
/// - Parameter matrix: [count, count], symmetric.
func symmetricFunction(
  _ matrix: [Double], _ count: Int, _ function: (Double) -> Double
) -> [Double] {
  precondition(matrix.count == count * count, "\(matrix.count) elements, \(count) rows")
  var a = matrix
  var vectors = (0..<count * count).map { $0 / count == $0 % count ? 1.0 : 0 }
  let size = a.reduce(0) { $0 + $1 * $1 }
  for _ in 0..<100 {
    let rest = a.indices.reduce(0.0) { sum, place in
      place / count == place % count ? sum : sum + a[place] * a[place]
    }
    if rest <= 1e-32 * size { break }
    for p in 0..<count {
      for q in p + 1..<max(count, p + 1) where a[p * count + q] != 0 {
        rotate(&a, &vectors, count, p, q)
      }
    }
  }
  return (0..<count * count).map { place in
    (0..<count).reduce(0) { sum, k in
      sum + function(a[k * count + k]) * vectors[place / count * count + k]
        * vectors[place % count * count + k]
    }
  }
}

/// Makes the element (p, q) zero.
private func rotate(
  _ a: inout [Double], _ vectors: inout [Double], _ count: Int, _ p: Int, _ q: Int
) {
  let ratio = (a[q * count + q] - a[p * count + p]) / (2 * a[p * count + q])
  let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
  let cosine = 1 / (tangent * tangent + 1).squareRoot()
  let sine = tangent * cosine
  for k in 0..<count {
    let (x, y) = (a[k * count + p], a[k * count + q])
    (a[k * count + p], a[k * count + q]) = (cosine * x - sine * y, sine * x + cosine * y)
  }
  for k in 0..<count {
    let (x, y) = (a[p * count + k], a[q * count + k])
    (a[p * count + k], a[q * count + k]) = (cosine * x - sine * y, sine * x + cosine * y)
    let (v, w) = (vectors[k * count + p], vectors[k * count + q])
    (vectors[k * count + p], vectors[k * count + q]) = (
      cosine * v - sine * w, sine * v + cosine * w
    )
  }
}
