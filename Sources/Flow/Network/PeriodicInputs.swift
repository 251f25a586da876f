import Foundation
import Kernels

/// What a token's features are to the Transformer: themselves, but for those on a circle of period
/// P, which are `sin φ/ω, (1 − cos φ)/ω, sin 2φ/2ω, (1 − cos 2φ)/2ω` with φ = ωx, ω = 2π/P.
///
/// The first of the four is x where P is large. All are the same on both sides of a window's edge
/// (`PeriodicFlowTests`). A place in the token that lies on a circle in some tokens has four inputs
/// in all; on the real line these are x and three zeros.
struct PeriodicInputs {
  /// Of each feature in the order of the tokens, [tokens, features]; above 0 on a circle.
  private let periods: [Float]
  /// Whether a place has four inputs, [features].
  private let hasFour: [Bool]
  /// The inputs of a token.
  let count: Int

  init(periods: [Float], features: Int) {
    let onCircle = Set(periods.indices.lazy.filter { periods[$0] > 0 }.map { $0 % features })
    self.periods = periods
    hasFour = (0..<features).map(onCircle.contains)
    count = features + 3 * onCircle.count
  }

  /// - Parameters:
  ///   - token: [features].
  ///   - place: Which token it is.
  ///   - inputs: [count], written.
  func write(
    _ token: UnsafeMutablePointer<Float>, at place: Int, into inputs: UnsafeMutablePointer<Float>
  ) {
    var next = inputs
    for (d, hasFour) in hasFour.enumerated() {
      next[0] = token[d]
      if hasFour {
        let period = periods[place * self.hasFour.count + d]
        if period > 0 {
          let ω = 2 * Float.pi / period
          let (sine, cosine) = (sinf(ω * token[d]), cosf(ω * token[d]))
          next[0] = sine / ω
          next[1] = (1 - cosine) / ω
          next[2] = sine * cosine / ω
          next[3] = sine * sine / ω
        } else {
          (next + 1).update(repeating: 0, count: 3)
        }
      }
      next += hasFour ? 4 : 1
    }
  }

  // MARK: - Gradient

  /// The reverse of `write`: adds to the gradient of the token, [features].
  func addGradient(
    _ dInputs: UnsafeMutablePointer<Float>, token: UnsafeMutablePointer<Float>, at place: Int,
    to dToken: UnsafeMutablePointer<Float>
  ) {
    var slope = dInputs
    for (d, hasFour) in hasFour.enumerated() {
      let period = hasFour ? periods[place * self.hasFour.count + d] : 0
      if period > 0 {
        let φ = 2 * Float.pi / period * token[d]
        dToken[d] +=
          cosf(φ) * slope[0] + sinf(φ) * slope[1] + cosf(2 * φ) * slope[2] + sinf(2 * φ) * slope[3]
      } else {
        dToken[d] += slope[0]
      }
      slope += hasFour ? 4 : 1
    }
  }
}

extension FlowConfiguration {
  /// The numbers of a token that enter the Transformer.
  var inputs: Int {
    windows.map { PeriodicInputs(periods: $0.periods, features: features).count } ?? features
  }
}
