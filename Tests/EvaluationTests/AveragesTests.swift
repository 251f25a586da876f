import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct AveragesTests {
  @Test func `averages of equal weights are plain ones, with plain errors`() {
    let values = normals(2_000, mean: 3, deviation: 2, seed: 1)
    let sample = AveragedSample(proposals: [Double](repeating: -5, count: 2_000))
    let state = values.map { $0 > 3 ? 1.0 : 0 }
    let averages = Averages(of: [values, state], over: sample)
    let (mean, population) = (averages.average(0), averages.average(1))
    expectClose([mean.value], [values.reduce(0, +) / 2_000], relative: 1e-12)
    // The larger of the delta method's and of the bootstrap's, whose own error is 5 %.
    expectClose([mean.error], [2 / 2_000.0.squareRoot()], relative: 0.15)
    #expect((mean.effectiveSamples ?? 0) > 1_500)
    let p = population.value
    expectClose([population.error], [(p * (1 - p) / 2_000).squareRoot()], relative: 0.15)
  }

  @Test func `the delta method is the bootstrap for unequal weights`() {
    let points = normals(3_000, deviation: 1.3, seed: 2)
    let logWeights = points.map { -$0 * $0 / 2 * (1 - 1 / 1.69) }
    let sample = AveragedSample(proposals: logWeights)
    let columns = [points, points.map { $0 > 1 ? 1.0 : 0 }]
    let (with, without) = (
      Averages(of: columns, over: sample, draws: 400), Averages(of: columns, over: sample, draws: 0)
    )
    for quantity in columns.indices {
      expectClose(
        [with.average(quantity).error], [without.average(quantity).error], relative: 0.12)
    }
    let (a, b) = (with.freeEnergy(of: 1), without.freeEnergy(of: 1))
    #expect(a?.value == b?.value)
    expectClose([a?.error ?? 0], [b?.error ?? 1], relative: 0.12)
    // −ln(p/(1 − p)) has the error of p over p (1 − p).
    let p = without.average(1)
    expectClose([b?.error ?? 0], [p.error / (p.value * (1 - p.value))], relative: 1e-9)
  }

  @Test func `a state without population has no free energy, rows without weight need no value`() {
    let sample = AveragedSample(proposals: [0, -.infinity, 0, 0])
    let averages = Averages(of: [[1, .nan, 1, 1], [0, .nan, 1, 0]], over: sample)
    #expect(averages.average(0).value == 1 && averages.average(0).error == 0)
    #expect(averages.average(0).effectiveSamples == nil)
    #expect(averages.freeEnergy(of: 0) == nil)
    expectClose([averages.average(1).value], [1.0 / 3], relative: 1e-12)
    expectClose([averages.freeEnergy(of: 1, above: 0)?.value ?? 0], [log(3)], relative: 1e-12)
  }

  @Test func `Pareto k of smoothed weights is that of the weights before`() throws {
    // w = 1/√(1 − p) at uniform places p has a tail of the shape ½.
    let logWeights = (0..<2_000).map { -0.5 * log(1 - (Double($0) + 0.5) / 2_000) }
    let values = (0..<2_000).map { $0 % 3 == 0 ? 1.0 : 0 }
    let plain = AveragedSample(proposals: logWeights)
    var smoothed = AveragedSample(proposals: paretoSmoothed(logWeights))
    #expect(smoothed.paretoShape != plain.paretoShape)
    smoothed.unsmoothed = logWeights
    #expect(smoothed.paretoShape == plain.paretoShape)
    expectClose([try #require(plain.paretoShape)], [0.5], absolute: 0.1)
    // About another mean the tail is almost the same.
    expectClose(
      [try #require(smoothed.paretoShape(for: values))],
      [try #require(plain.paretoShape(for: values))], absolute: 0.01)
    #expect(smoothed.mean(values) != plain.mean(values))
    #expect(AveragedSample(chains: [2_000]).paretoShape == nil)
  }

  @Test func `runs that disagree widen the error`() {
    // Ten runs that each find another population, with no noise within.
    let values = (0..<10).flatMap { run in
      (0..<100).map { $0 < 40 + 2 * run ? 1.0 : 0 }
    }
    let logWeights = [Double](repeating: 0, count: 1_000)
    let apart = AveragedSample(
      proposals: logWeights, runs: [Int](repeating: 100, count: 10))
    let spread = (0..<10).map { 0.4 + 0.02 * Double($0) }
    let mean = spread.reduce(0, +) / 10
    let expected = (spread.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 90).squareRoot()
    expectClose([apart.error(ofMean: values)], [expected], relative: 1e-9)
    #expect(AveragedSample(proposals: logWeights).error(ofMean: values) < expected)
  }

  @Test func `the difference of two angles is the shorter way`() throws {
    let (before, after) = (Estimate(value: 179.5, error: 0.3), Estimate(value: -177.5, error: 0.4))
    let found = try #require(before.deviation(from: after, period: 360))
    expectClose([found], [-6], relative: 1e-12)
    #expect(before.deviation(from: after) == 714)
    #expect(before.deviation(from: Estimate(value: 0, error: 0), period: 360) == nil)
  }

  @Test func `a weight that is too small for a number is one`() {
    let sample = AveragedSample(proposals: [0, -800, -.infinity], runs: [3])
    #expect(sample.weights == [1, 0, 0])
    #expect(sample.evenWeights == [1, 1, 0])
  }

  @Test func `the mean direction of angles crosses the half turn`() {
    let angles = normals(4_000, mean: 3.1, deviation: 0.3, seed: 6)
    let sample = AveragedSample(proposals: [Double](repeating: 0, count: 4_000))
    let averages = Averages(of: [angles.map { cos($0) }, angles.map { sin($0) }], over: sample)
    let found = averages.direction(cosine: 0, sine: 1)
    #expect(abs(remainder(found.value - 3.1, 2 * .pi)) < 3 * found.error)
    expectClose([found.error], [0.3 / 4_000.0.squareRoot()], relative: 0.05)
  }
}

@Suite struct StatisticalInefficiencyTests {
  /// `x ← a x + √(1 − a²) noise`.
  private func chain(_ a: Double, _ frames: Int, seed: UInt64) -> [Double] {
    var x = 0.0
    return normals(frames, seed: seed).map { noise in
      x = a * x + (1 - a * a).squareRoot() * noise
      return x
    }
  }

  @Test(arguments: [0.0, 0.6, 0.9])
  func `an autoregressive chain has the known inefficiency`(a: Double) {
    let chains = (0..<4).map { chain(a, 4_000, seed: 10 + $0) }
    expectClose([statisticalInefficiency(chains)], [(1 + a) / (1 - a)], relative: 0.25)
  }

  @Test func `constant values and single frames have none`() {
    #expect(statisticalInefficiency([[2, 2, 2], [2, 2]]) == 1)
    #expect(statisticalInefficiency([[1]]) == 1)
    #expect(statisticalInefficiency([]) == 1)
  }

  @Test func `chains in different states have hardly more than one sample each`() {
    let chains = (0..<6).map { index in
      chain(0.2, 200, seed: 40 + index).map { $0 * 0.1 + (index < 3 ? 0 : 5) }
    }
    let sample = AveragedSample(chains: chains.map(\.count))
    let error = sample.error(ofMean: chains.flatMap { $0 })
    // Six independent means of deviation 2.7.
    #expect(error > 1)
  }
}
