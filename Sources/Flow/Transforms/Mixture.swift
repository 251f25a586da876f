import Foundation

/// The range in which log σ of a component is kept.
let logSigmaRange: ClosedRange<Float> = -7...4

/// log σ of a component on a circle: `h − ½ (t + √(t² + ¼))`, `t = h − log σ`, `h = log(period/6)`.
///
/// It is smoothly the smaller of both, and below h: a component at the limit still learns.
func wrappedLogSigma(_ logSigma: Double, _ period: Float) -> Double {
  let limit = log(Double(period) / 6)
  let t = limit - logSigma
  return limit - 0.5 * (t + (t * t + 0.25).squareRoot())
}

/// The place in `[low, low + period)` that is x but for a multiple of the period; x itself when it
/// is not finite.
func wrapped(_ x: Double, low: Float, period: Float) -> Float {
  guard x.isFinite else { return Float(x) }
  let (start, length) = (Double(low), Double(period))
  let place = Float(x - length * ((x - start) / length).rounded(.down))
  return Double(place) >= start && Double(place) < start + length ? place : low
}

/// The mixture `F(x) = Σ_k π_k Φ((x − μ_k)/σ_k)` of one feature, read from the network's output:
/// K logits of π, K μ, K log σ.
///
/// Everything is computed in double precision and in logarithms of both tails, so that
/// z = Φ⁻¹(F(x)) stays exact far from the data: `inverse` undoes `forward` to 1e-12, and `forward`
/// undoes `inverse` out to eight standard deviations (`MixtureTransformTests`).
struct Mixture {
  private(set) var logWeights: [Double]
  private(set) var means: [Double]
  private(set) var logSigmas: [Double]
  private var inverseSigmas: [Double]
  private var terms: [Double]
  private var period = 0.0

  init(components: Int) {
    let zeros = [Double](repeating: 0, count: components)
    (logWeights, means, logSigmas, terms) = (zeros, zeros, zeros, zeros)
    inverseSigmas = zeros
  }

  /// - Parameter period: Of a circle; 0 for the real line.
  mutating func load(_ parameters: UnsafePointer<Float>, period: Float = 0) {
    let components = means.count
    self.period = Double(period)
    for k in 0..<components {
      logWeights[k] = Double(parameters[k])
      means[k] = Double(parameters[components + k])
      let clamped = min(
        max(parameters[2 * components + k], logSigmaRange.lowerBound), logSigmaRange.upperBound)
      logSigmas[k] = period > 0 ? wrappedLogSigma(Double(clamped), period) : Double(clamped)
      inverseSigmas[k] = exp(-logSigmas[k])
    }
    let total = logSumExp(logWeights)
    for k in 0..<components { logWeights[k] -= total }
  }

  func standardized(_ x: Double, _ k: Int) -> Double { (x - means[k]) * inverseSigmas[k] }

  /// `log F(x)`.
  mutating func logLower(_ x: Double) -> Double {
    for k in means.indices { terms[k] = logWeights[k] + logNormalCDF(standardized(x, k)) }
    return logSumExp(terms)
  }

  /// `log(1 − F(x))`.
  mutating func logUpper(_ x: Double) -> Double {
    for k in means.indices { terms[k] = logWeights[k] + logNormalCDF(-standardized(x, k)) }
    return logSumExp(terms)
  }

  /// `log f(x)`, f = F′.
  mutating func logDensity(_ x: Double) -> Double {
    for k in means.indices {
      terms[k] = logWeights[k] + logNormalDensity(standardized(x, k)) - logSigmas[k]
    }
    return logSumExp(terms)
  }

  /// `log f_w(x)`, `f_w(x) = Σ_m f(x + m · period)`: `f` on the circle; `log f(x)` on the real line.
  ///
  /// Of every component the image next to x and the next one are taken: all others lie at least
  /// 6 σ away, so that the sum integrates to 1 within 1e-8 (`WrappedMixtureTests`).
  /// - SeeAlso: Mardia and Jupp 2000, *Directional Statistics* (wrapped normal).
  mutating func logWrappedDensity(_ x: Double) -> Double {
    guard period > 0 else { return logDensity(x) }
    for k in means.indices {
      let d = (x - means[k]).remainder(dividingBy: period)
      let near = d * inverseSigmas[k]
      let far = (d > 0 ? d - period : d + period) * inverseSigmas[k]
      terms[k] =
        logWeights[k] - logSigmas[k] + logNormalDensity(near)
        + log1p(exp(0.5 * (near - far) * (near + far)))
    }
    return logSumExp(terms)
  }

  /// `z = Φ⁻¹(F(x))`.
  mutating func forward(_ x: Double) -> Double {
    normalQuantile(logLower: logLower(x), logUpper: logUpper(x))
  }

  /// `x = F⁻¹(Φ(z))`, by Newton's method on the smaller tail's logarithm, kept inside a shrinking
  /// bracket.
  mutating func inverse(_ z: Double) -> Double {
    guard z.isFinite else { return z }
    // Where every component lies above z, F does too; where every one lies below, so does F.
    var low = Double.infinity
    var high = -Double.infinity
    for k in means.indices {
      let candidate = means[k] + z / inverseSigmas[k]
      if candidate.isNaN { return candidate }
      low = min(low, candidate)
      high = max(high, candidate)
    }
    let lower = z <= 0
    let target = logNormalCDF(lower ? z : -z)
    var x = 0.5 * (low + high)
    for _ in 0..<200 where high - low > 1e-15 * (1 + abs(x)) {
      let value = lower ? logLower(x) : logUpper(x)
      if value.isNaN { return value }
      let error = lower ? value - target : target - value
      if error > 0 { high = x } else { low = x }
      let newton = x - error / exp(logDensity(x) - value)
      let next = newton > low && newton < high ? newton : 0.5 * (low + high)
      let change = abs(next - x)
      x = next
      if change <= 1e-14 * (1 + abs(x)) { break }
    }
    return x
  }
}
