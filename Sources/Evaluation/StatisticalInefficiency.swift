import Foundation

/// How many successive frames are worth one independent frame, `g = 1 + 2 Σ_t ρ(t)`.
///
/// `ρ(t)` is the autocorrelation of all chains together about their common mean, so that chains that
/// stay in different states remember each other's difference for ever. The sum goes over pairs
/// `ρ(2m) + ρ(2m + 1)` up to the first that is not positive, and no pair counts more than the one
/// before. The integrated autocorrelation time is `g/2` frames.
///
/// A chain `x ← a x + noise` has `(1 + a)/(1 − a)` (`StatisticalInefficiencyTests`).
///
/// - Parameter chains: Values in order of time, [chains][frames].
/// - Returns: At least 1; 1 for values that never change.
/// - SeeAlso: Geyer 1992, *Practical Markov Chain Monte Carlo*, the initial monotone sequence.
package func statisticalInefficiency(_ chains: [[Double]]) -> Double {
  let longest = chains.map(\.count).max() ?? 0
  let frames = chains.reduce(0) { $0 + $1.count }
  guard longest > 1 else { return 1 }
  let mean = chains.reduce(0.0) { $1.reduce($0, +) } / Double(frames)
  var sums = [Double](repeating: 0, count: longest)
  for chain in chains {
    for (lag, product) in laggedProducts(chain.map { $0 - mean }).enumerated() {
      sums[lag] += product
    }
  }
  func pairs(_ lag: Int) -> Double {
    chains.reduce(0) { $0 + Double(max(0, $1.count - lag)) }
  }
  let variance = sums[0] / pairs(0)
  guard variance > 0 else { return 1 }
  func correlation(_ lag: Int) -> Double { sums[lag] / pairs(lag) / variance }
  var (total, before) = (0.0, Double.infinity)
  for lag in stride(from: 0, to: longest - 1, by: 2) {
    let pair = min(before, correlation(lag) + correlation(lag + 1))
    guard pair > 0 else { break }
    total += pair
    before = pair
  }
  return max(1, 2 * total - 1)
}

/// `Σ_i x_i x_{i + t}` for every lag t, [frames], by a Fourier transform of twice the length.
private func laggedProducts(_ x: [Double]) -> [Double] {
  var size = 1
  while size < 2 * x.count { size *= 2 }
  var real = x + [Double](repeating: 0, count: size - x.count)
  var imaginary = [Double](repeating: 0, count: size)
  fourierTransform(&real, &imaginary)
  for index in 0..<size {
    real[index] = real[index] * real[index] + imaginary[index] * imaginary[index]
    imaginary[index] = 0
  }
  fourierTransform(&real, &imaginary)
  return real.prefix(x.count).map { $0 / Double(size) }
}

/// `X_k = Σ_j x_j exp(−2πi jk/n)` in place, n a power of two (Cooley and Tukey 1965).
private func fourierTransform(_ real: inout [Double], _ imaginary: inout [Double]) {
  let size = real.count
  var reversed = 0
  for index in 1..<max(1, size) {
    var bit = size >> 1
    while reversed & bit != 0 {
      reversed ^= bit
      bit >>= 1
    }
    reversed |= bit
    if index < reversed {
      real.swapAt(index, reversed)
      imaginary.swapAt(index, reversed)
    }
  }
  let factors = (0..<size / 2).map { index in
    let angle = -2 * Double.pi * Double(index) / Double(size)
    return (cos(angle), sin(angle))
  }
  var half = 1
  while half < size {
    let step = size / (2 * half)
    for start in stride(from: 0, to: size, by: 2 * half) {
      for offset in 0..<half {
        let (c, s) = factors[offset * step]
        let (a, b) = (start + offset, start + offset + half)
        let re = real[b] * c - imaginary[b] * s
        let im = real[b] * s + imaginary[b] * c
        (real[b], imaginary[b]) = (real[a] - re, imaginary[a] - im)
        (real[a], imaginary[a]) = (real[a] + re, imaginary[a] + im)
      }
    }
    half *= 2
  }
}
