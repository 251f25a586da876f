import Foundation
import Kernels

extension FlowConfiguration {
  /// The numbers of a token that enter the Transformer: its features, and three more for one on a
  /// circle.
  var inputs: Int { features + (windows == nil ? 0 : 3) }
}

/// What a token's features are to the Transformer: themselves, but for the last one on a circle of
/// period P, which is `sin φ/ω, (1 − cos φ)/ω, sin 2φ/2ω, (1 − cos 2φ)/2ω` with φ = ωx, ω = 2π/P.
///
/// The first of the four is x where P is large. All are the same on both sides of a window's edge
/// (`PeriodicFlowTests`).
///
/// - Parameters:
///   - token: [features].
///   - period: Of the last feature; 0 for the real line, where the three additional inputs are 0.
///   - inputs: [features + 3], written.
func writePeriodicInputs(
  _ token: UnsafeMutablePointer<Float>, features: Int, period: Float,
  into inputs: UnsafeMutablePointer<Float>
) {
  inputs.update(from: token, count: features)
  let circle = inputs + features - 1
  guard period > 0 else { return (circle + 1).update(repeating: 0, count: 3) }
  let ω = 2 * Float.pi / period
  let (sine, cosine) = (sinf(ω * circle[0]), cosf(ω * circle[0]))
  circle[0] = sine / ω
  circle[1] = (1 - cosine) / ω
  circle[2] = sine * cosine / ω
  circle[3] = sine * sine / ω
}

// MARK: - Gradient

/// The reverse of `writePeriodicInputs`: adds to the gradient of the token, [features].
func addPeriodicInputGradient(
  _ dInputs: UnsafeMutablePointer<Float>, token: UnsafeMutablePointer<Float>, features: Int,
  period: Float, to dToken: UnsafeMutablePointer<Float>
) {
  let last = features - 1
  for d in 0..<last { dToken[d] += dInputs[d] }
  let slope = dInputs + last
  guard period > 0 else { return dToken[last] += slope[0] }
  let φ = 2 * Float.pi / period * token[last]
  dToken[last] +=
    cosf(φ) * slope[0] + sinf(φ) * slope[1] + cosf(2 * φ) * slope[2] + sinf(2 * φ) * slope[3]
}
