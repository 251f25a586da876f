import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct WassersteinTests {
  @Test func `distances equal POT's, of equal, unequal and weighted samples`() throws {
    let golden = try Golden.load().distances
    let equal = wasserstein(golden.a, golden.b)
    expectClose([equal.first, equal.second], golden.equal, relative: 1e-12, "equal")
    let unequal = wasserstein(golden.a, weights: nil, golden.c, weights: nil)
    expectClose([unequal.first, unequal.second], golden.unequal, relative: 1e-12, "unequal")
    let weighted = wasserstein(
      golden.a, weights: golden.aWeights, golden.c, weights: golden.cWeights)
    expectClose([weighted.first, weighted.second], golden.weighted, relative: 1e-12, "weighted")
  }

  @Test func `a shifted set is as far away as the shift`() {
    let points = normals(101, seed: 1)
    let distances = wasserstein(points, points.reversed().map { $0 + 2.5 })
    expectClose([distances.first, distances.second], [2.5, 2.5], relative: 1e-12)
  }

  @Test func `two Gaussians are as far apart as their means and deviations`() {
    // W2² = (μ₁ − μ₂)² + (σ₁ − σ₂)².
    let x = normals(200_000, mean: 1, deviation: 2, seed: 2)
    let y = normals(200_000, mean: -2, deviation: 6, seed: 3)
    expectClose([wasserstein(x, y).second], [5], relative: 0.01)
  }

  @Test func `a distance is zero to itself and the same both ways`() {
    let (x, y) = (normals(64, seed: 4), normals(64, mean: 1, seed: 5))
    let nothing = wasserstein(x, x.reversed())
    #expect(nothing.first == 0 && nothing.second == 0)
    #expect(wasserstein(x, y) == wasserstein(y, x))
    #expect(wasserstein(x, y).first <= wasserstein(x, y).second)
  }

  @Test func `the quantile walk with equal weights equals sorting`() {
    let (x, y) = (normals(97, seed: 6), normals(97, deviation: 3, seed: 7))
    let walked = wasserstein(x, weights: nil, y, weights: Array(repeating: 0.3, count: 97))
    let sorted = wasserstein(x, y)
    expectClose([walked.first, walked.second], [sorted.first, sorted.second], relative: 1e-12)
  }

  @Test func `a weight of two is two points, and a point of weight zero is nowhere`() {
    let weighted = wasserstein(
      [1, 5, .infinity], weights: [2, 1, 0], [0, 0.5, 3], weights: nil)
    let repeated = wasserstein([1, 1, 5], [0, 0.5, 3])
    expectClose(
      [weighted.first, weighted.second], [repeated.first, repeated.second], relative: 1e-14)
  }

  @Test func `the noise floor is the mean distance between samples of the reference`() throws {
    // Two points a apart, one draw each: the distance is a with probability ½.
    var generator = PCG64(seed: 0)
    let floor = noiseFloor(reference: [7, 3], count: 1, pairs: 20_000) {
      generator.index(below: $0)
    }
    expectClose([floor], [2], relative: 0.03)
    #expect(noiseFloor(reference: [4, 4, 4], count: 10) { $0 - 1 } == 0)
    func perfect(_ effective: Double) -> Double? {
      perfectDistance(floor: 0.2, count: 100, effectiveSamples: effective)
    }
    expectClose([perfect(50) ?? .nan], [0.2 * 2.0.squareRoot()], relative: 1e-15)
    // Ten times the proposals of the same effective sample size, resampled to as many.
    expectClose([perfect(500) ?? .nan], [0.2 * 1.1.squareRoot()], relative: 1e-15)
    #expect(perfect(30) != nil && perfect(29.9) == nil && perfect(1) == nil)
  }
}
