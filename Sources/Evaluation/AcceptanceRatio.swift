import Foundation

/// The free energy between two ensembles by Bennett's acceptance ratio (BAR).
///
/// The root of `Σ_F 1/(1 + exp(M + w − Δf)) = Σ_R 1/(1 + exp(−M + w + Δf))`, `M = ln(n_F/n_R)`. The
/// error is the asymptotic one,
/// `√(⟨φ²⟩_F/(n_F ⟨φ⟩_F²) + ⟨φ²⟩_R/(n_R ⟨φ⟩_R²) − 1/n_F − 1/n_R)`, φ the terms of the sums. Both are
/// pymbar's to 1e-6 (`FreeEnergyTests`).
///
/// - Parameters:
///   - forward: `u_b − u_a` at samples of a, [n_F], kT; ∞ where b has no density.
///   - reverse: `u_a − u_b` at samples of b, [n_R], kT.
/// - Returns: `f_b − f_a`, kT; nil where the ensembles do not overlap.
/// - Precondition: Neither set is empty, and no work is NaN.
/// - SeeAlso: Bennett 1976, *Efficient Estimation of Free Energy Differences from Monte Carlo Data*.
package func acceptanceRatio(forward: [Double], reverse: [Double]) -> Estimate? {
  precondition(
    !forward.isEmpty && !reverse.isEmpty && !(forward + reverse).contains(where: \.isNaN),
    "\(forward.count) and \(reverse.count) values of work")
  let ratio = log(Double(forward.count) / Double(reverse.count))
  func logSums(_ difference: Double) -> (Double, Double) {
    (
      logSumExp(forward.map { -softplus($0 + ratio - difference) }),
      logSumExp(reverse.map { -softplus($0 - ratio + difference) })
    )
  }
  // The left side rises with Δf and the right side falls.
  let finite = forward.filter(\.isFinite) + reverse.filter(\.isFinite).map { -$0 }
  guard var low = finite.min(), var high = finite.max() else { return nil }
  (low, high) = (low - abs(ratio) - 50, high + abs(ratio) + 50)
  func excess(_ difference: Double) -> Double {
    let sums = logSums(difference)
    return sums.0 - sums.1
  }
  guard excess(low) < 0, excess(high) > 0 else { return nil }
  while high - low > 1e-12 * max(1, abs(low) + abs(high)) {
    let middle = (low + high) / 2
    guard middle > low, middle < high else { break }
    if excess(middle) < 0 { low = middle } else { high = middle }
  }
  let difference = (low + high) / 2
  let variance =
    relativeVariance(forward, ratio - difference) + relativeVariance(reverse, difference - ratio)
  return Estimate(value: difference, error: max(0, variance).squareRoot())
}

/// What the forward samples contribute to the squared error of
/// ``acceptanceRatio(forward:reverse:)``, `⟨φ²⟩_F/(n_F ⟨φ⟩_F²) − 1/n_F`.
///
/// - Parameters:
///   - reverse: How many samples of the other ensemble there are.
///   - difference: `Δf`, kT.
package func forwardVariance(_ forward: [Double], reverse: Int, difference: Double) -> Double {
  max(0, relativeVariance(forward, log(Double(forward.count) / Double(reverse)) - difference))
}

/// `⟨φ²⟩/(n ⟨φ⟩²) − 1/n` of `φ = 1/(1 + exp(w + shift))`.
private func relativeVariance(_ work: [Double], _ shift: Double) -> Double {
  let logs = work.map { -softplus($0 + shift) }
  return exp(logSumExp(logs.map { 2 * $0 }) - 2 * logSumExp(logs)) - 1 / Double(work.count)
}

/// `ln(1 + exp(x))` without overflow.
private func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// `ln Σ exp(x)` without overflow; −∞ of nothing.
func logSumExp(_ x: [Double]) -> Double {
  guard let largest = x.max(), largest > -.infinity else { return -.infinity }
  return largest + log(x.reduce(0) { $0 + exp($1 - largest) })
}
