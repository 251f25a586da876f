import CKernels
import Foundation
import Kernels

/// The range in which log σ of a component is kept.
let logSigmaRange: ClosedRange<Float> = -7...4

/// The mixture `F(x) = Σ_k π_k Φ((x − μ_k)/σ_k)` of one feature, read from the network's output: K logits of π, K μ, K log σ.
///
/// Everything is computed in double precision and in logarithms of both tails, so that z = Φ⁻¹(F(x)) stays exact
/// far from the data.
struct Mixture {
  private(set) var logWeights: [Double]
  private(set) var means: [Double]
  private(set) var logSigmas: [Double]
  private var inverseSigmas: [Double]
  private var terms: [Double]

  init(components: Int) {
    let zeros = [Double](repeating: 0, count: components)
    (logWeights, means, logSigmas, terms) = (zeros, zeros, zeros, zeros)
    inverseSigmas = zeros
  }

  mutating func load(_ parameters: UnsafePointer<Float>) {
    let components = means.count
    for k in 0..<components {
      logWeights[k] = Double(parameters[k])
      means[k] = Double(parameters[components + k])
      let clamped = min(
        max(parameters[2 * components + k], logSigmaRange.lowerBound), logSigmaRange.upperBound)
      logSigmas[k] = Double(clamped)
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

  /// `z = Φ⁻¹(F(x))`.
  mutating func forward(_ x: Double) -> Double {
    normalQuantile(logLower: logLower(x), logUpper: logUpper(x))
  }

  /// `x = F⁻¹(Φ(z))`, by Newton's method on the smaller tail's logarithm, kept inside a shrinking bracket.
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

/// `z = Φ⁻¹(F(x))`, `log|∂z/∂x| = Σ log f(x) − log φ(z)`: x, z [batch · tokens, D], parameters [batch · tokens, D · 3K].
func mixtureForward(
  _ x: Matrix, parameters: Matrix, components: Int, tokens: Int, into z: Matrix,
  logDeterminant: UnsafeMutablePointer<Double>
) {
  var mixture = Mixture(components: components)
  for row in 0..<x.rows {
    for d in 0..<x.columns {
      mixture.load(parameters[row] + 3 * components * d)
      let value = Double(x[row][d])
      let latent = mixture.forward(value)
      z[row][d] = Float(latent)
      logDeterminant[row / tokens] += mixture.logDensity(value) - logNormalDensity(latent)
    }
  }
}

/// `Σ log f(x)` of each sample, [batch], added to: the log-density under a standard normal prior, without computing z.
func mixtureLogDensity(
  _ x: Matrix, parameters: Matrix, components: Int, tokens: Int,
  scratch: UnsafeMutablePointer<Float>,
  into logDensity: UnsafeMutablePointer<Double>
) {
  ck_mixture_log_density(
    x.count, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, parameters.base,
    x.base,
    scratch)
  for element in 0..<x.count {
    logDensity[element / (tokens * x.columns)] += Double(scratch[element])
  }
}

/// `x = F⁻¹(Φ(z))` for one feature of every row; adds log|∂x/∂z| at the rounded x to the log-determinant.
///
/// - Parameter solved: Memory for a mark of each row; what the fast code leaves alone, far in a tail, is done here.
func mixtureInverse(
  _ z: Matrix, feature d: Int, parameters: Matrix, components: Int, into x: Matrix,
  logDeterminant: UnsafeMutablePointer<Double>, solved: UnsafeMutablePointer<UInt8>
) {
  precondition(z.stride == x.stride, "strides \(z.stride) and \(x.stride)")
  ck_mixture_inverse(
    z.rows, components, logSigmaRange.lowerBound, logSigmaRange.upperBound,
    parameters.base + 3 * components * d, parameters.stride, z.base + d, z.stride, x.base + d,
    logDeterminant,
    solved)
  var mixture = Mixture(components: components)
  for row in 0..<z.rows where solved[row] == 0 {
    mixture.load(parameters[row] + 3 * components * d)
    x[row][d] = Float(mixture.inverse(Double(z[row][d])))
    logDeterminant[row] +=
      logNormalDensity(Double(z[row][d])) - mixture.logDensity(Double(x[row][d]))
  }
}

// MARK: - Gradient

/// The reverse of `mixtureLogDensity` times `factor`; dx is written, the parameters' gradient too.
func mixtureLogDensityGradient(
  factor: Float, x: Matrix, parameters: Matrix, components: Int, into dParameters: Matrix,
  intoX dx: Matrix
) {
  dx.fill(0)
  ck_mixture_gradient(
    x.count, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, factor,
    parameters.base,
    x.base, dParameters.base,
    dx.base)
}

/// The reverse of `mixtureForward`; dx is written, the parameters' gradient too.
///
/// With ℓ = log|∂z/∂x| and responsibilities r_k: `∂ℓ = ∂ log f + z ∂z`, `∂z/∂μ_k = −r_k e^ℓ`, `∂z/∂log σ_k = −r_k e^ℓ (x − μ_k)`,
/// `∂z/∂logit_k = π_k (Φ(u_k) − F)/φ(z)`, `∂z/∂x = e^ℓ`.
func mixtureGradient(
  _ dz: Matrix, x: Matrix, z: Matrix, parameters: Matrix, components: Int,
  logDeterminantFactor: Float,
  into dParameters: Matrix, intoX dx: Matrix
) {
  mixtureLogDensityGradient(
    factor: logDeterminantFactor, x: x, parameters: parameters, components: components,
    into: dParameters, intoX: dx)
  var mixture = Mixture(components: components)
  for row in 0..<x.rows {
    for d in 0..<x.columns {
      let place = parameters[row] + 3 * components * d
      mixture.load(place)
      let value = Double(x[row][d])
      let latent = mixture.forward(value)
      let upstream = Double(dz[row][d]) + Double(logDeterminantFactor) * latent
      let logDensity = mixture.logDensity(value)
      let logPrior = logNormalDensity(latent)
      let slope = exp(logDensity - logPrior)
      let lower = latent <= 0
      let logTail = (lower ? mixture.logLower(value) : mixture.logUpper(value)) - logPrior
      let out = dParameters[row] + 3 * components * d
      for k in 0..<components {
        let u = mixture.standardized(value, k)
        let responsibility = exp(
          mixture.logWeights[k] + logNormalDensity(u) - mixture.logSigmas[k] - logDensity)
        // π_k inside the exponential: the tail of a component of no weight may overflow by itself.
        let logWeight = mixture.logWeights[k]
        let tail =
          exp(logWeight + logNormalCDF(lower ? u : -u) - logPrior) - exp(logWeight + logTail)
        out[k] += Float(upstream * (lower ? tail : -tail))
        out[components + k] -= Float(upstream * responsibility * slope)
        if logSigmaRange.contains(place[2 * components + k]) {
          out[2 * components + k] -= Float(
            upstream * responsibility * slope * (value - mixture.means[k]))
        }
      }
      dx[row][d] += Float(upstream * slope)
    }
  }
}
