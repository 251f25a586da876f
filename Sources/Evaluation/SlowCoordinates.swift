import Foundation

/// The linear combinations of features that change most slowly in chains (TICA).
///
/// With the features about their mean, `C₀ = ⟨x xᵀ⟩` over both ends of all pairs of frames a lag
/// apart and `C_τ = ½⟨x_t x_{t+τ}ᵀ + x_{t+τ} x_tᵀ⟩`, they are the `v` of `C_τ v = λ C₀ v` with the
/// largest λ, scaled to variance one. Directions in which the features do not vary are left out.
/// (`SlowCoordinatesTests`)
///
/// - SeeAlso: Pérez-Hernández et al. 2013, *Identification of slow molecular order parameters for
///   Markov model construction*.
package struct SlowCoordinates: Equatable, Sendable {
  /// The values in every frame, [coordinates][rows].
  package let values: [[Double]]
  /// The autocorrelation at the lag, λ, of each coordinate.
  package let correlations: [Double]
  /// The mean of each feature, [features].
  private let means: [Double]
  /// What each feature counts in each coordinate, [coordinates][features].
  private let weights: [[Double]]

  /// - Parameters:
  ///   - features: [features][rows].
  ///   - chains: The rows of each chain, in order of time.
  ///   - lag: In frames.
  ///   - count: How many coordinates.
  /// - Returns: nil where no chain is longer than the lag, or the features do not vary.
  package init?(of features: [[Double]], chains: [Range<Int>], lag: Int, count: Int = 2) {
    let size = features.count
    let pairs = chains.flatMap { chain in
      chain.lowerBound..<max(chain.lowerBound, chain.upperBound - lag)
    }
    guard lag > 0, size > 0, !pairs.isEmpty else { return nil }
    let means = features.map { column in
      pairs.reduce(0) { $0 + column[$1] + column[$1 + lag] } / Double(2 * pairs.count)
    }
    let centred = zip(features, means).map { column, mean in column.map { $0 - mean } }
    var (same, lagged) = (
      [Double](repeating: 0, count: size * size), [Double](repeating: 0, count: size * size)
    )
    for a in 0..<size {
      for b in 0...a {
        var (s, l) = (0.0, 0.0)
        for row in pairs {
          let (a0, a1, b0, b1) = (
            centred[a][row], centred[a][row + lag], centred[b][row], centred[b][row + lag]
          )
          s += a0 * b0 + a1 * b1
          l += a0 * b1 + a1 * b0
        }
        for place in [a * size + b, b * size + a] {
          same[place] = s / Double(2 * pairs.count)
          lagged[place] = l / Double(2 * pairs.count)
        }
      }
    }
    let largest = (0..<size).reduce(0) { max($0, same[$1 * size + $1]) }
    guard largest > 1e-12 else { return nil }
    let white = symmetricFunction(same, size) { $0 > 1e-6 * largest ? 1 / $0.squareRoot() : 0 }
    var matrix = product(product(white, lagged, size), white, size)
    var (weights, correlations) = ([[Double]](), [Double]())
    for _ in 0..<min(count, size) {
      let (vector, correlation) = leadingVector(matrix, size)
      weights.append(
        (0..<size).map { row in
          (0..<size).reduce(0) { $0 + white[row * size + $1] * vector[$1] }
        })
      correlations.append(correlation)
      // Far below all others, so that the next one leads.
      for place in matrix.indices {
        matrix[place] -= (correlation + 1) * vector[place / size] * vector[place % size]
      }
    }
    (self.means, self.weights, self.correlations) = (means, weights, correlations)
    values = Self.values(of: features, means, weights)
  }

  /// The coordinates of other rows, [coordinates][rows], of the same features, [features][rows].
  package func values(of features: [[Double]]) -> [[Double]] {
    precondition(
      features.count == means.count, "\(features.count) features, expected \(means.count)")
    return Self.values(of: features, means, weights)
  }

  private static func values(
    of features: [[Double]], _ means: [Double], _ weights: [[Double]]
  ) -> [[Double]] {
    weights.map { weights in
      features[0].indices.map { row in
        means.indices.reduce(0) { $0 + weights[$1] * (features[$1][row] - means[$1]) }
      }
    }
  }
}

private func product(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
  (0..<size * size).map { place in
    (0..<size).reduce(0) { $0 + a[place / size * size + $1] * b[$1 * size + place % size] }
  }
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix with eigenvalues from −1 to 1,
/// by powers of the matrix, squared thirty times; its largest element is positive.
private func leadingVector(_ matrix: [Double], _ size: Int) -> (vector: [Double], value: Double) {
  // Eigenvalues from 0.1 on, so that the largest has the largest modulus.
  var power = matrix
  for row in 0..<size { power[row * size + row] += 1.1 }
  for _ in 0..<30 {
    let scale = power.reduce(0) { max($0, abs($1)) }
    let scaled = power.map { $0 / scale }
    power = product(scaled, scaled, size)
  }
  // All columns are multiples of the vector; the longest has the most digits.
  let column =
    (0..<size).max { a, b in
      abs(power[a * size + a]) < abs(power[b * size + b])
    } ?? 0
  var vector = (0..<size).map { power[$0 * size + column] }
  let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  let lead = vector.max { abs($0) < abs($1) } ?? 1
  vector = vector.map { $0 / (lead < 0 ? -length : length) }
  let value = (0..<size).reduce(0.0) { sum, row in
    sum + vector[row] * (0..<size).reduce(0) { $0 + matrix[row * size + $1] * vector[$1] }
  }
  return (vector, value)
}
