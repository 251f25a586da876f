import Evaluation
import TestSupport
import Testing

@Suite struct SlowCoordinatesTests {
  /// A chain `x ← a x + √(1 − a²) noise`, of variance one.
  private func chain(_ a: Double, seed: Int, count: Int = 20_000) -> [Double] {
    var x = 0.0
    return normals(count, seed: UInt64(seed)).map { noise in
      x = a * x + (1 - a * a).squareRoot() * noise
      return x
    }
  }

  private func correlation(_ x: [Double], _ y: [Double]) -> Double {
    func sum(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return sum(x, y) / (sum(x, x) * sum(y, y)).squareRoot()
  }

  @Test func `mixed chains are taken apart, the slowest first`() throws {
    let (slow, middle, fast) = (chain(0.98, seed: 1), chain(0.8, seed: 2), chain(0.2, seed: 3))
    let rows = slow.indices
    let features = [
      rows.map { 0.3 * slow[$0] + 2 * fast[$0] + 5 }, rows.map { middle[$0] - 3 * fast[$0] },
      rows.map { slow[$0] + middle[$0] + fast[$0] },
      // The same again, so that one direction does not vary.
      rows.map { 0.6 * slow[$0] + 4 * fast[$0] },
    ]
    let found = try #require(
      SlowCoordinates(of: features, chains: [0..<12_000, 12_000..<20_000], lag: 5))
    #expect(abs(correlation(found.values[0], slow)) > 0.99)
    #expect(abs(correlation(found.values[1], middle)) > 0.98)
    // 0.98⁵ and 0.8⁵, whose errors are about 0.02.
    #expect(abs(found.correlations[0] - 0.904) < 0.03)
    #expect(abs(found.correlations[1] - 0.328) < 0.05)
    let variance = found.values[0].reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(abs(variance - 1) < 0.02)
    let others = found.values(of: features.map { Array($0[7..<9]) })
    #expect(others == found.values.map { Array($0[7..<9]) })
  }

  @Test func `there is none of chains that are too short or do not move`() {
    #expect(SlowCoordinates(of: [[1, 2, 3]], chains: [0..<3], lag: 3) == nil)
    #expect(SlowCoordinates(of: [[1, 1, 1, 1]], chains: [0..<4], lag: 1) == nil)
  }
}
