import Foundation
import Kernels

/// Where the affine parameters of a feature lie in a row of the network's output: a and b of
/// feature d.
///
/// The published code has all a, then all b; the within-token head has the pair of each feature
/// together.
struct AffineIndex {
  let hasScale: Bool
  let featureStride: Int
  let shiftOffset: Int

  init(_ flow: FlowConfiguration) {
    hasScale = flow.transform == .affine
    featureStride = flow.withinToken ? flow.parametersPerFeature : 1
    shiftOffset = !hasScale ? 0 : (flow.withinToken ? 1 : flow.features)
  }

  func logScale(_ parameters: UnsafeMutablePointer<Float>, _ d: Int) -> Float {
    hasScale ? parameters[d * featureStride] : 0
  }

  func shift(_ parameters: UnsafeMutablePointer<Float>, _ d: Int) -> Float {
    parameters[d * featureStride + shiftOffset]
  }
}

/// `z = (x − b) · exp(−a)`, `log|∂z/∂x| = −Σ a`: x, z [batch · tokens, D]; log-determinants [batch]
/// are added to.
///
/// - Parameter periods: Of each feature, [tokens, D], −1 for one that is missing, whose z is 0; or
///   empty.
/// - SeeAlso: Zhai et al. 2024 (TarFlow), section 3.
func affineForward(
  _ x: Matrix, parameters: Matrix, index: AffineIndex, tokens: Int, periods: [Float] = [],
  into z: Matrix, logDeterminant: UnsafeMutablePointer<Double>
) {
  for row in 0..<x.rows {
    for d in 0..<x.columns {
      guard periods.isEmpty || periods[row % tokens * x.columns + d] >= 0 else {
        z[row][d] = 0
        continue
      }
      let a = index.logScale(parameters[row], d)
      z[row][d] = (x[row][d] - index.shift(parameters[row], d)) * expf(-a)
      logDeterminant[row / tokens] -= Double(a)
    }
  }
}

/// `x = z · exp(a) + b` for one feature of every row; adds a to the log-determinant of the inverse.
func affineInverse(
  _ z: Matrix, feature d: Int, parameters: Matrix, index: AffineIndex, into x: Matrix,
  logDeterminant: UnsafeMutablePointer<Double>
) {
  for row in 0..<z.rows {
    let a = index.logScale(parameters[row], d)
    x[row][d] = z[row][d] * expf(a) + index.shift(parameters[row], d)
    logDeterminant[row] += Double(a)
  }
}

// MARK: - Gradient

/// The reverse of `affineForward`: dx is written, the parameters' gradient too.
///
/// - Parameter slopes: The gradient of the loss with respect to the log-determinant of each sample,
///   [batch].
func affineGradient(
  _ dz: Matrix, z: Matrix, parameters: Matrix, index: AffineIndex, periods: [Float] = [],
  slopes: [Float], into dParameters: Matrix, intoX dx: Matrix
) {
  let tokens = z.rows / slopes.count
  for row in 0..<z.rows {
    for d in 0..<z.columns {
      let isMissing = !periods.isEmpty && periods[row % tokens * z.columns + d] < 0
      if isMissing {
        dx[row][d] = 0
        dParameters[row][d * index.featureStride + index.shiftOffset] = 0
        if index.hasScale { dParameters[row][d * index.featureStride] = 0 }
        continue
      }
      let direct = dz[row][d] * expf(-index.logScale(parameters[row], d))
      dx[row][d] = direct
      dParameters[row][d * index.featureStride + index.shiftOffset] = -direct
      if index.hasScale {
        dParameters[row][d * index.featureStride] = -dz[row][d] * z[row][d] - slopes[row / tokens]
      }
    }
  }
}
