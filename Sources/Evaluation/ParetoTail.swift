import Foundation

/// The generalised Pareto distribution that the largest weights follow, with density
/// `(1/σ)(1 + k x/σ)^(−1/k − 1)` of their excess `x` over a threshold.
package struct ParetoTail: Equatable, Sendable {
  /// The shape k.
  ///
  /// Moments of order `1/k` and above do not exist. From 0.5 on the variance of the weights is
  /// infinite; above ``largestReliableShape`` no average over them is to be trusted.
  package let shape: Double
  /// The scale σ, in units of the largest weight.
  package let scale: Double
  /// How many weights lie above the threshold.
  package let count: Int

  /// The shape above which importance sampling with any number of samples in use is unreliable.
  package static let largestReliableShape = 0.7

  /// The standard error of the shape, `(1 + k)/√count`, that of the most likely shape in large
  /// samples, for k above −½.
  package var shapeError: Double { max(0.5, 1 + shape) / Double(count).squareRoot() }

  /// How many of so many weights are fitted, `min(⌈n/5⌉, ⌈3√n⌉)`.
  static func largestCount(of samples: Int) -> Int {
    let samples = Double(samples)
    return Int(min(samples / 5, 3 * samples.squareRoot()).rounded(.up))
  }

  /// Fits the largest `min(⌈n/5⌉, ⌈3√n⌉)` of all n weights, those of weight zero counted.
  ///
  /// - Parameter logWeights: `log w`, [samples], up to one constant.
  /// - Returns: nil where fewer than five weights lie above the threshold, the next largest weight,
  ///   as when all are equal.
  /// - SeeAlso: Vehtari et al. 2024, *Pareto Smoothed Importance Sampling*.
  package init?(logWeights: [Double]) {
    let count = Self.largestCount(of: logWeights.count)
    let sorted = largestValues(count + 1, of: logWeights)
    guard let largest = sorted.last, largest.isFinite, sorted.count > count else { return nil }
    // As in PSIS, weights too small for a double count as the least one.
    let cut = max(
      sorted[sorted.count - 1 - count] - largest, log(Double.leastNormalMagnitude))
    self.init(
      excesses: sorted.lazy.map { $0 - largest }.filter { $0 > cut }.map { exp($0) - exp(cut) })
  }

  /// Fits excesses over a threshold, in ascending order, all positive.
  ///
  /// Zhang and Stephens' quasi-Bayesian estimate: with `θ = −k/σ`,
  /// `k(θ) = mean log(1 − θ x)` and the profile log-likelihood `l(θ) = n (log(−θ/k) − k − 1)`, θ is
  /// the mean over `30 + ⌊√n⌋` places, weighted by `exp l`. As in PSIS the shape is then drawn to ½
  /// as ten observations would draw it.
  ///
  /// - Returns: nil for fewer than five.
  /// - SeeAlso: Zhang and Stephens 2009, *A New and Efficient Estimation Method for the Generalized
  ///   Pareto Distribution*.
  package init?(excesses: [Double]) {
    let n = excesses.count
    guard n >= 5, let largest = excesses.last, excesses[0] > 0 else { return nil }
    let places = 30 + Int(Double(n).squareRoot())
    let quartile = excesses[Int(Double(n) / 4 + 0.5) - 1]
    func shape(_ theta: Double) -> Double {
      excesses.reduce(0) { $0 + log1p(-theta * $1) } / Double(n)
    }
    let thetas = (1...places).map { place in
      1 / largest + (1 - (Double(places) / (Double(place) - 0.5)).squareRoot()) / (3 * quartile)
    }
    let likelihoods = thetas.map { theta in
      let k = shape(theta)
      return Double(n) * (log(-theta / k) - k - 1)
    }
    let weights = normalizedWeights(likelihoods)
    let theta = zip(thetas, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let k = shape(theta)
    scale = -k / theta
    self.shape = (Double(n) * k + 5) / (Double(n) + 10)
    count = n
  }
}
