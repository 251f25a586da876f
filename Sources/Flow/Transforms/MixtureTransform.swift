import CKernels
import Foundation
import Kernels

/// `z = Φ⁻¹(F(x))`, `log|∂z/∂x| = Σ log f(x) − log φ(z)`: x, z [batch · tokens, D], parameters
/// [batch · tokens, D · 3K]; log-determinants [batch] are added to.
///
/// On a circle F is that of the real line, over x as it lies in its window, and the log-determinant
/// is `log f_w(x) − log φ(z)`, so that the density is that of `mixtureLogDensity`. The map is not
/// onto: it is undone by `mixtureInverse`, but it does not undo that, and the log-determinant is not
/// that of its Jacobian.
///
/// - Parameters:
///   - periods: Of each feature, [tokens, D], 0 for the real line and −1 for a feature that is
///     missing, whose z is 0; empty when all lie on the line.
///   - solved: Memory for a mark of each sample; what the fast code leaves alone, far in a tail, is
///     done here.
func mixtureForward(
  _ x: Matrix, parameters: Matrix, components: Int, tokens: Int, periods: [Float] = [],
  into z: Matrix,
  logDeterminant: UnsafeMutablePointer<Double>, solved: UnsafeMutablePointer<UInt8>
) {
  precondition(z.stride == x.stride, "strides \(z.stride) and \(x.stride)")
  let samples = x.rows / tokens
  var mixture = Mixture(components: components)
  for token in 0..<tokens {
    for d in 0..<x.columns {
      let period = periods.isEmpty ? 0 : periods[token * x.columns + d]
      guard period >= 0 else {
        for sample in 0..<samples { z[sample * tokens + token][d] = 0 }
        continue
      }
      ck_mixture_forward(
        samples, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, period,
        parameters[token] + 3 * components * d, tokens * parameters.stride, x[token] + d,
        tokens * x.stride, z[token] + d, logDeterminant, solved)
      for sample in 0..<samples where solved[sample] == 0 {
        let row = sample * tokens + token
        mixture.load(parameters[row] + 3 * components * d, period: period)
        let value = Double(x[row][d])
        let latent = mixture.forward(value)
        z[row][d] = Float(latent)
        logDeterminant[sample] += mixture.logWrappedDensity(value) - logNormalDensity(latent)
      }
    }
  }
}

/// `Σ log f(x)` of each sample, [batch], added to: the log-density under a standard normal prior,
/// without computing z.
///
/// On a circle f is `f_w(x) = Σ_m f(x + m · period)`.
///
/// - Parameters:
///   - periods: As those of `mixtureForward`.
///   - scratch: A number for each of x.
func mixtureLogDensity(
  _ x: Matrix, parameters: Matrix, components: Int, tokens: Int, periods: [Float] = [],
  scratch: UnsafeMutablePointer<Float>,
  into logDensity: UnsafeMutablePointer<Double>
) {
  ck_mixture_log_density(
    x.count, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, periods,
    periods.count, parameters.base, x.base, scratch)
  for element in 0..<x.count {
    logDensity[element / (tokens * x.columns)] += Double(scratch[element])
  }
}

/// `x = F⁻¹(Φ(z))` for one feature of every row; adds log|∂x/∂z| at the rounded x to the
/// log-determinant.
///
/// On a circle x is wrapped into its window, `low ≤ x < low + period` in double precision too. Many
/// z have the same x, so that what is added is `log φ(z) − log f_w(x)`: log φ(z) less it is the
/// density of x.
///
/// - Parameters:
///   - low, period: The window of a feature on a circle; a period of 0 for the real line.
///   - solved: Memory for a mark of each row; what the fast code leaves alone, far in a tail, is
///     done here.
func mixtureInverse(
  _ z: Matrix, feature d: Int, parameters: Matrix, components: Int, low: Float = 0,
  period: Float = 0, into x: Matrix,
  logDeterminant: UnsafeMutablePointer<Double>, solved: UnsafeMutablePointer<UInt8>
) {
  precondition(z.stride == x.stride, "strides \(z.stride) and \(x.stride)")
  ck_mixture_inverse(
    z.rows, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, low, period,
    parameters.base + 3 * components * d, parameters.stride, z.base + d, z.stride, x.base + d,
    logDeterminant,
    solved)
  var mixture = Mixture(components: components)
  for row in 0..<z.rows where solved[row] == 0 {
    mixture.load(parameters[row] + 3 * components * d, period: period)
    let place = mixture.inverse(Double(z[row][d]))
    x[row][d] = period > 0 ? wrapped(place, low: low, period: period) : Float(place)
    logDeterminant[row] +=
      logNormalDensity(Double(z[row][d])) - mixture.logWrappedDensity(Double(x[row][d]))
  }
}

// MARK: - Gradient

/// The reverse of `mixtureLogDensity`; dx is written, the parameters' gradient too.
///
/// - Parameter slopes: The gradient of the loss with respect to the log-density of each sample,
///   [batch].
func mixtureLogDensityGradient(
  slopes: [Float], x: Matrix, parameters: Matrix, components: Int, periods: [Float] = [],
  into dParameters: Matrix, intoX dx: Matrix
) {
  dx.fill(0)
  let count = x.count / slopes.count
  for (sample, slope) in slopes.enumerated() {
    let first = sample * count
    ck_mixture_gradient(
      count, components, logSigmaRange.lowerBound, logSigmaRange.upperBound, periods,
      periods.count, slope, parameters.base + 3 * components * first, x.base + first,
      dParameters.base + 3 * components * first, dx.base + first)
  }
}

/// The reverse of `mixtureForward`; dx is written, the parameters' gradient too.
///
/// With ℓ = log|∂z/∂x| and responsibilities r_k: `∂ℓ = ∂ log f + z ∂z`, `∂z/∂μ_k = −r_k e^ℓ`,
/// `∂z/∂log σ_k = −r_k e^ℓ (x − μ_k)`, `∂z/∂logit_k = π_k (Φ(u_k) − F)/φ(z)`, `∂z/∂x = e^ℓ`.
func mixtureGradient(
  _ dz: Matrix, x: Matrix, parameters: Matrix, components: Int, periods: [Float] = [],
  slopes: [Float], into dParameters: Matrix, intoX dx: Matrix
) {
  mixtureLogDensityGradient(
    slopes: slopes, x: x, parameters: parameters, components: components, periods: periods,
    into: dParameters, intoX: dx)
  let tokens = x.rows / slopes.count
  var mixture = Mixture(components: components)
  for row in 0..<x.rows {
    for d in 0..<x.columns
    where periods.isEmpty || periods[row % tokens * x.columns + d] >= 0 {
      let place = parameters[row] + 3 * components * d
      mixture.load(place)
      let value = Double(x[row][d])
      let latent = mixture.forward(value)
      let upstream = Double(dz[row][d]) + Double(slopes[row / tokens]) * latent
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
