import CKernels
import Foundation
import TestSupport
import Testing

private let low = -7.0
private let high = 4.0

/// The log-density of a wrapped mixture by its definition, the sum over all images; raw: K logits,
/// K means, K log σ.
private func reference(_ raw: [Double], _ x: Double, period: Double) -> Double {
  let k = raw.count / 3
  let total = log(raw[0..<k].reduce(0) { $0 + exp($1) })
  let limit = log(period / 6)
  let terms = (0..<k).flatMap { index in
    let t = limit - min(max(raw[2 * k + index], low), high)
    let logSigma = limit - 0.5 * (t + (t * t + 0.25).squareRoot())
    let offset = (x - raw[k + index]).remainder(dividingBy: period)
    return (-4...4).map { image in
      let u = (offset + Double(image) * period) * exp(-logSigma)
      return raw[index] - total - 0.5 * u * u - logSigma - 0.5 * log(2 * Double.pi)
    }
  }
  let top = terms.max() ?? 0
  return top + log(terms.reduce(0) { $0 + exp($1 - top) })
}

@Suite struct WrappedMixtureTests {
  /// Every third feature on the line, the others on circles.
  private static let periods: [Float] = [0, 3.5, 12]

  @Test(arguments: [1, 3, 8, 17, 64])
  func `log-density and gradient`(components: Int) {
    let count = 60
    let raw = normals(count * 3 * components, seed: 1, scale: 1.5)
    let x = normals(count, seed: 2, scale: 2)
    var logDensity = [Float](repeating: 0, count: count)
    ck_mixture_log_density(
      count, components, Float(low), Float(high), Self.periods, 3, raw.map { Float($0) },
      x.map { Float($0) }, &logDensity)
    var draw = [Float](repeating: .nan, count: raw.count)
    var dx = [Float](repeating: 0.5, count: count)
    ck_mixture_gradient(
      count, components, Float(low), Float(high), Self.periods, 3, -1.5, raw.map { Float($0) },
      x.map { Float($0) }, &draw, &dx)
    for index in 0..<count where index % 3 != 0 {
      let mixture = Array(raw[index * 3 * components..<(index + 1) * 3 * components])
      let period = Double(Self.periods[index % 3])
      let expected = reference(mixture, x[index], period: period)
      expectClose(
        [Double(logDensity[index])], [expected], absolute: 3e-6, relative: 3e-6, "log f \(index)")
      let gradient = numericGradient(mixture + [x[index]]) {
        -1.5 * reference(Array($0.dropLast()), $0[$0.count - 1], period: period)
      }
      let scale = gradient.map { abs($0) }.max() ?? 1
      let found = draw[index * 3 * components..<(index + 1) * 3 * components].map(Double.init)
      expectClose(
        found + [Double(dx[index]) - 0.5], gradient, absolute: 2e-5 * max(1, scale),
        "gradient of \(index)")
    }
  }

  @Test func `features on the line have the bits that they have alone`() {
    let (count, components) = (30, 8)
    let raw = normals(count * 3 * components, seed: 1, scale: 1.5).map { Float($0) }
    let x = normals(count, seed: 2, scale: 2).map { Float($0) }
    func results(_ periods: [Float]) -> (f: [Float], draw: [Float], dx: [Float]) {
      var f = [Float](repeating: 0, count: count)
      ck_mixture_log_density(count, components, -7, 4, periods, periods.count, raw, x, &f)
      var draw = [Float](repeating: .nan, count: raw.count)
      var dx = [Float](repeating: 0, count: count)
      ck_mixture_gradient(
        count, components, -7, 4, periods, periods.count, 0.7, raw, x, &draw, &dx)
      return (f, draw, dx)
    }
    let (alone, among) = (results([]), results(Self.periods))
    #expect(results([0]) == alone)
    for index in 0..<count {
      let parameters = index * 3 * components..<(index + 1) * 3 * components
      let same =
        alone.f[index] == among.f[index] && alone.dx[index] == among.dx[index]
        && alone.draw[parameters] == among.draw[parameters]
      #expect(same == (index % 3 == 0), "element \(index)")
    }
  }

  @Test func `a component at the limit of its width still learns`() {
    // log(3.5/6) = −0.54, far below 1.5.
    let raw: [Float] = [0, 0, 0.3, -0.4, 1.5, -2]
    var draw = [Float](repeating: 0, count: 6)
    var dx: Float = 0
    ck_mixture_gradient(1, 2, -7, 4, [3.5], 1, 1, raw, [0.25], &draw, &dx)
    #expect(abs(draw[4]) > 1e-4)
  }
}
