import Foundation

/// Free energies of several ensembles from samples of some of them, by the multistate acceptance
/// ratio (MBAR).
///
/// `f_i = −ln Σ_n exp(−u_i(x_n))/Σ_k N_k exp(f_k − u_k(x_n))` over all samples, with `f_0 = 0`. The
/// covariance is `Θ = G^½ (1 − G^½ N G^½)⁺ G^½`, `G = WᵀW`, `W_ni` the weight of sample n in ensemble
/// i. Both are pymbar's to 1e-6 (`FreeEnergyTests`).
///
/// - SeeAlso: Shirts and Chodera 2008, *Statistically Optimal Analysis of Samples from Multiple
///   Equilibrium States*.
package struct MultistateAcceptanceRatio: Equatable, Sendable {
  /// `f_i − f_0`, [ensembles], kT.
  package let freeEnergies: [Double]
  /// The covariance of the free energies up to a common constant, [ensembles, ensembles].
  package let covariance: [Double]
  /// `W_ni`, [ensembles][samples].
  private let weights: [[Double]]
  private let counts: [Int]
  /// `(1 − G N)⁺`, which makes deviations of `Σ_n W_ni` to those of the free energies,
  /// [ensembles, ensembles].
  private let response: [Double]

  /// - Parameters:
  ///   - energies: Reduced energies of every sample in every ensemble, [ensembles][samples], kT; ∞
  ///     where an ensemble has no density. The samples are those of the first ensemble, then those
  ///     of the second, and so on.
  ///   - counts: How many samples are of each ensemble, [ensembles]; not all need have some.
  /// - Returns: nil where it does not converge, as without any overlap.
  /// - Precondition: The counts add up to the samples, and every sample has a finite energy in some
  ///   ensemble that has samples.
  package init?(energies: [[Double]], counts: [Int]) {
    let samples = counts.reduce(0, +)
    precondition(
      energies.count == counts.count && samples > 0
        && energies.allSatisfy { $0.count == samples },
      "\(energies.map(\.count)) energies for \(counts) samples")
    let sampled = counts.indices.filter { counts[$0] > 0 }
    let numbers = sampled.map { Double(counts[$0]) }
    let own = sampled.map { energies[$0] }
    guard let f = solve(own, numbers) else { return nil }
    let denominators = logDenominators(own, numbers, f)
    let unnormalised = energies.map { row in
      -logSumExp(zip(row, denominators).map { -$0 - $1 })
    }
    guard unnormalised.allSatisfy(\.isFinite) else { return nil }
    freeEnergies = unnormalised.map { $0 - unnormalised[0] }
    let weights = zip(energies, unnormalised).map { row, f in
      zip(row, denominators).map { exp(f - $0 - $1) }
    }
    (self.weights, self.counts) = (weights, counts)
    (covariance, response) = Self.covariance(weights, counts.map(Double.init))
  }

  /// `f_j − f_i` with its error, `√(Θ_ii − 2 Θ_ij + Θ_jj)`, kT.
  package func difference(from i: Int, to j: Int) -> Estimate {
    let count = freeEnergies.count
    let variance =
      covariance[i * count + i] - 2 * covariance[i * count + j] + covariance[j * count + j]
    return Estimate(
      value: freeEnergies[j] - freeEnergies[i], error: max(0, variance).squareRoot())
  }

  /// What parts of the squared error of ``difference(from:to:)`` the samples of each ensemble make,
  /// [ensembles]: `Σ (ψ_n − ψ̄)²` over them, `ψ_n = Σ_k ((1 − G N)⁺_jk − (1 − G N)⁺_ik) W_nk`,
  /// divided by that of all.
  package func shares(from i: Int, to j: Int) -> [Double] {
    let count = freeEnergies.count
    let factors = (0..<count).map { response[j * count + $0] - response[i * count + $0] }
    var first = 0
    let squares = counts.map { number -> Double in
      defer { first += number }
      guard number > 1 else { return 0 }
      let influences = (first..<first + number).map { sample in
        (0..<count).reduce(0) { $0 + factors[$1] * weights[$1][sample] }
      }
      let mean = mean(influences)
      return influences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let all = squares.reduce(0, +)
    return all > 0 ? squares.map { $0 / all } : squares
  }

  private static func covariance(
    _ weights: [[Double]], _ numbers: [Double]
  ) -> (covariance: [Double], response: [Double]) {
    let count = weights.count
    let overlaps = gram(weights)
    let root = symmetricFunction(overlaps, count) { max(0, $0).squareRoot() }
    // Ensembles that are the same make G singular.
    let largest = (0..<count).reduce(0) { $0 + overlaps[$1 * count + $1] }
    let inverseRoot = symmetricFunction(overlaps, count) {
      $0 > 1e-12 * largest ? 1 / $0.squareRoot() : 0
    }
    let middle = product(
      product(root, diagonal: numbers, count), root, count)
    let inverse = symmetricFunction(
      (0..<count * count).map { ($0 / count == $0 % count ? 1 : 0) - middle[$0] }, count
    ) { abs($0) > 1e-10 ? 1 / $0 : 0 }
    let half = product(root, inverse, count)
    return (product(half, root, count), product(half, inverseRoot, count))
  }
}

/// `ln Σ_k N_k exp(f_k − u_k)` of each sample.
private func logDenominators(
  _ energies: [[Double]], _ numbers: [Double], _ f: [Double]
) -> [Double] {
  let shifts = zip(f, numbers).map { $0 + log($1) }
  return energies[0].indices.map { sample in
    logSumExp(energies.indices.map { shifts[$0] - energies[$0][sample] })
  }
}

/// The free energies of the ensembles that have samples, the first 0: of the self-consistent step
/// and Newton's, the one that leaves the smaller residual is taken, until neither changes anything.
private func solve(_ energies: [[Double]], _ numbers: [Double]) -> [Double]? {
  let count = energies.count
  var f = [Double](repeating: 0, count: count)
  guard count > 1 else { return f }
  func state(_ f: [Double]) -> (next: [Double], newton: [Double], residual: Double) {
    let denominators = logDenominators(energies, numbers, f)
    let own = energies.map { row in -logSumExp(zip(row, denominators).map { -$0 - $1 }) }
    let weights = zip(energies, f).map { row, f in
      zip(row, denominators).map { exp(f - $0 - $1) }
    }
    let sums = weights.map { $0.reduce(0, +) }
    let gradient = (0..<count).map { numbers[$0] * (sums[$0] - 1) }
    let overlaps = gram(weights)
    let hessian = (0..<count * count).map { place in
      let (i, j) = (place / count, place % count)
      return (i == j ? numbers[i] * sums[i] : 0) - numbers[i] * numbers[j] * overlaps[place]
    }
    let largest = numbers.reduce(0, +)
    let inverse = symmetricFunction(hessian, count) { abs($0) > 1e-13 * largest ? 1 / $0 : 0 }
    let newton = (0..<count).map { i in
      f[i] - (0..<count).reduce(0) { $0 + inverse[i * count + $1] * gradient[$1] }
    }
    let residual = zip(sums, numbers).reduce(0) { max($0, abs($1.0 - 1)) }
    return (shifted(own), shifted(newton), residual)
  }
  func shifted(_ f: [Double]) -> [Double] { f.map { $0 - f[0] } }
  var present = state(f)
  for _ in 0..<2_000 {
    if present.residual < 1e-11 { return f }
    guard present.next.allSatisfy(\.isFinite) else { return nil }
    let consistent = state(present.next)
    var (candidate, found) = (present.next, consistent)
    if present.newton.allSatisfy(\.isFinite) {
      let newton = state(present.newton)
      if newton.residual < consistent.residual { (candidate, found) = (present.newton, newton) }
    }
    let change = zip(candidate, f).map { abs($0 - $1) }.max() ?? 0
    (f, present) = (candidate, found)
    if change < 1e-13 { return f }
  }
  return present.residual < 1e-6 ? f : nil
}

/// `Σ_n W_ni W_nj`, [ensembles, ensembles].
private func gram(_ weights: [[Double]]) -> [Double] {
  let count = weights.count
  return (0..<count * count).map { place in
    zip(weights[place / count], weights[place % count]).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

private func product(_ a: [Double], _ b: [Double], _ count: Int) -> [Double] {
  (0..<count * count).map { place in
    (0..<count).reduce(0) { $0 + a[place / count * count + $1] * b[$1 * count + place % count] }
  }
}

private func product(_ a: [Double], diagonal: [Double], _ count: Int) -> [Double] {
  a.indices.map { a[$0] * diagonal[$0 % count] }
}
