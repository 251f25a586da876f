import CKernels
import Foundation

/// Mean and covariance of a set of features.
package struct FeatureStatistics: Equatable, Sendable {
  package let mean: [Double]
  /// [features, features], with the divisor count − 1.
  package let covariance: [Double]

  /// - Parameter values: [count, features], count at least 2.
  package init(_ values: [Double], features: Int) throws(LinearAlgebraError) {
    let count = values.count / features
    precondition(count >= 2, "the covariance of \(count) samples")
    var mean = [Double](repeating: 0, count: features)
    for index in values.indices { mean[index % features] += values[index] }
    for feature in 0..<features { mean[feature] /= Double(count) }
    let centred = values.indices.map { values[$0] - mean[$0 % features] }
    self.mean = mean
    covariance = try product(
      centred, centred, m: features, n: features, k: count, transposeFirst: true
    ).map { $0 / Double(count - 1) }
  }
}

/// OpenBLAS without LAPACK, or an eigenvalue iteration that does not end.
package struct LinearAlgebraError: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String
}

/// The Fréchet distance of two normal distributions: `|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)`.
///
/// The trace of the root is the sum of the roots of the eigenvalues of `Σ₁^½ Σ₂ Σ₁^½`, which is
/// symmetric. With the features of the Inception network that the field has agreed on, and only
/// with them, this is the FID.
///
/// Equal to SciPy's matrix square root to 1e-6 (`FrechetTests`).
/// - SeeAlso: Dowson & Landau 1982, eq. 16; Heusel et al. 2017, section 2.
package func frechetDistance(_ first: FeatureStatistics, _ second: FeatureStatistics)
  throws(LinearAlgebraError) -> Double
{
  let n = first.mean.count
  precondition(n == second.mean.count, "\(n) and \(second.mean.count) features")
  let shift = zip(first.mean, second.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let traces = (0..<n).reduce(0) {
    $0 + first.covariance[$1 * n + $1] + second.covariance[$1 * n + $1]
  }
  let root = try squareRoot(first.covariance, n: n)
  let inner = try product(
    try product(root, second.covariance, m: n, n: n, k: n), root, m: n, n: n, k: n)
  let (values, _) = try eigen(inner, n: n)
  // Rounding makes the distance of equal sets negative.
  let distance = shift + traces - 2 * values.reduce(0) { $0 + max(0, $1).squareRoot() }
  return distance < 0 ? 0 : distance
}

/// The symmetric square root of a positive semidefinite matrix [n, n]: `V diag(√λ) Vᵀ`.
private func squareRoot(_ matrix: [Double], n: Int) throws(LinearAlgebraError) -> [Double] {
  let (values, vectors) = try eigen(matrix, n: n)
  // Rounding makes zero eigenvalues negative.
  let scaled = vectors.indices.map { vectors[$0] * max(0, values[$0 / n]).squareRoot() }
  return try product(scaled, vectors, m: n, n: n, k: n, transposeFirst: true)
}

/// Eigenvalues, ascending, and eigenvectors, one a row, of a symmetric matrix [n, n].
private func eigen(_ matrix: [Double], n: Int) throws(LinearAlgebraError)
  -> (values: [Double], vectors: [Double])
{
  var vectors = matrix
  var values = [Double](repeating: 0, count: n)
  let status = ck_symmetric_eigen(Int32(n), &vectors, &values)
  guard status == 0 else {
    throw LinearAlgebraError(
      description: status < 0
        ? "OpenBLAS has no LAPACK here; install libopenblas-dev"
        : "the eigenvalues of the covariance do not converge; are the features finite?")
  }
  return (values, vectors)
}

private func product(
  _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, transposeFirst: Bool = false
) throws(LinearAlgebraError) -> [Double] {
  var c = [Double](repeating: 0, count: m * n)
  guard ck_dgemm(transposeFirst ? 1 : 0, 0, Int32(m), Int32(n), Int32(k), a, b, &c) == 0 else {
    throw LinearAlgebraError(
      description: "OpenBLAS was not found; install libopenblas-dev")
  }
  return c
}

/// Reads features [count, features] from a `.npy` file.
/// - Throws: `ImageError`, for fewer than two samples and values that are not finite as well.
package func readFeatures(_ path: String) throws(ImageError) -> (values: [Double], features: Int) {
  let array = try readImageArray(path)
  guard array.shape.count == 2, array.shape[0] >= 2, array.shape[1] >= 1 else {
    throw .content(
      path: path,
      problem: "has shape \(array.shape), expected [samples, features] with two samples at least")
  }
  let values: [Double]
  switch array.values {
  case .floats(let floats): values = floats
  case .integers(let integers): values = integers.map { Double($0) }
  case .bytes(let bytes): values = bytes.map { Double($0) }
  }
  if let index = values.firstIndex(where: { !$0.isFinite }) {
    throw .content(
      path: path, problem: "row \(index / array.shape[1]) holds a value that is not finite")
  }
  return (values, array.shape[1])
}
