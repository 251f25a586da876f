import Flow
import Foundation
import Kernels

@testable import Boltzmann

/// A density with its gradient from functions of one state.
func slopes(
  _ width: Int, _ value: @escaping @Sendable ([Double]) -> (value: Double, gradient: [Double])
) -> @Sendable ([Float], Execution) -> AnnealedPath.Slopes {
  { x, _ in
    let found = stride(from: 0, to: x.count, by: width).map { first in
      value(x[first..<first + width].map(Double.init))
    }
    return (found.map(\.value), found.flatMap(\.gradient).map { Float($0) })
  }
}

/// A path between two densities of that form.
func testPath(
  _ width: Int, windows: PeriodicWindows? = nil, missing: Set<Int> = [],
  base: @escaping @Sendable ([Double]) -> (value: Double, gradient: [Double]),
  target: @escaping @Sendable ([Double]) -> (value: Double, gradient: [Double])
) -> AnnealedPath {
  let base = slopes(width, base)
  return AnnealedPath(
    width: width, windows: windows, missing: missing, base: { base($0, $1).values },
    baseSlopes: base, targetSlopes: slopes(width, target))
}

let logRootTwoPi = 0.5 * log(2 * Double.pi)

/// Independent normal numbers about 0, normalised.
@Sendable func normal(_ x: [Double], deviation: Double = 1) -> (Double, [Double]) {
  (
    x.reduce(0) { $0 - $1 * $1 / (2 * deviation * deviation) - log(deviation) - logRootTwoPi },
    x.map { -$0 / (deviation * deviation) }
  )
}

func draws(_ count: Int, seed: UInt64, deviation: Double = 1) -> [Float] {
  var generator = RandomGenerator(seed: seed, stream: .testing)
  return (0..<count).map { _ in Float(deviation * generator.normal()) }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

func deviation(_ values: [Double]) -> Double {
  let mean = mean(values)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
    .squareRoot()
}

func standardError(_ values: [Double]) -> Double {
  deviation(values) / Double(values.count).squareRoot()
}
