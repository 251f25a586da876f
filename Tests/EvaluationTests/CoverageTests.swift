import Evaluation
import Foundation
import Testing

/// How many of 200 intervals that are to cover in 95 of 100 cases do; 180 to 198 is 90 to 99 %.
private func expectCoverage(
  _ label: String, sourceLocation: SourceLocation = #_sourceLocation, _ covers: (UInt64) -> Bool
) {
  let covered = (0..<200).count { covers(UInt64($0)) }
  #expect(
    (180...198).contains(covered), "\(label): \(covered) of 200", sourceLocation: sourceLocation)
}

/// Proposals N(0, 1.3²) for N(0, 1), as points and log weights.
private func gaussianCase(_ count: Int, seed: UInt64) -> (points: [Double], logWeights: [Double]) {
  let points = normals(count, deviation: 1.3, seed: 1_000 + seed)
  return (
    points,
    points.map {
      -$0 * $0 / 2 + $0 * $0 / (2 * 1.69) + log(1.3) + 0.5 * log(2 * .pi)
    }
  )
}

@Suite struct CoverageTests {
  @Test func `intervals of averages and populations of a Gaussian target cover`() {
    let tail = 0.5 * erfc(1.5 / 2.0.squareRoot())
    func averages(_ seed: UInt64) -> Averages {
      let (points, logWeights) = gaussianCase(200, seed: seed)
      return Averages(
        of: [points.map { $0 * $0 }, points.map { $0 > 1.5 ? 1 : 0 }],
        over: AveragedSample(proposals: logWeights), draws: 40, seed: seed)
    }
    let all = (0..<200).map { averages(UInt64($0)) }
    expectCoverage("⟨x²⟩") { all[Int($0)].average(0).estimate.interval.contains(1) }
    expectCoverage("population") { all[Int($0)].average(1).estimate.interval.contains(tail) }
    expectCoverage("free energy") {
      all[Int($0)].freeEnergy(of: 1)?.interval.contains(-log(tail / (1 - tail))) ?? false
    }
  }

  @Test func `intervals of log Z, of differences and of BAR cover`() {
    // A second target, N(0.7, 1/1.5), lies half a ln 1.5 higher.
    func second(_ x: Double) -> Double { 0.75 * (x - 0.7) * (x - 0.7) }
    let difference = 0.5 * log(1.5)
    expectCoverage("log Z") {
      let weights = gaussianCase(400, seed: $0).logWeights
      return logNormalization(weights).interval.contains(0.5 * log(2 * .pi))
    }
    expectCoverage("Zwanzig") {
      let (points, weights) = gaussianCase(400, seed: $0)
      let others = zip(points, weights).map { $1 + $0 * $0 / 2 - second($0) }
      return freeEnergyDifference(from: weights, to: others).interval.contains(difference)
    }
    expectCoverage("BAR") {
      let a = normals(150, seed: 5_000 + $0)
      let b = normals(100, mean: 0.7, deviation: 1 / 1.5.squareRoot(), seed: 9_000 + $0)
      let work = acceptanceRatio(
        forward: a.map { second($0) - $0 * $0 / 2 }, reverse: b.map { $0 * $0 / 2 - second($0) })
      return work?.interval.contains(difference) ?? false
    }
  }

  /// Density of the torsion `∝ exp(−u)`, `u = 2 cos 2φ + 1.2 sin φ`: wells at ±90°, the one at +90°
  /// higher.
  private func torsionEnergy(_ phi: Double) -> Double { 2 * cos(2 * phi) + 1.2 * sin(phi) }

  @Test func `intervals of the two wells of a torsion cover, smoothed or not`() {
    var (left, total) = (0.0, 0.0)
    for step in 0..<3_600 {
      let phi = -Double.pi + (Double(step) + 0.5) * 2 * .pi / 3_600
      total += exp(-torsionEnergy(phi))
      if phi > 0 { left += exp(-torsionEnergy(phi)) }
    }
    let population = left / total
    func averages(_ seed: UInt64, smoothed: Bool) -> Averages {
      // Uniform proposals.
      var generator = PCG64(seed: 20_000 + seed)
      let angles = (0..<250).map { _ in .pi * (2 * generator.uniform() - 1) }
      let logWeights = angles.map { -torsionEnergy($0) }
      return Averages(
        of: [angles.map { $0 > 0 ? 1 : 0 }],
        over: AveragedSample(proposals: smoothed ? paretoSmoothed(logWeights) : logWeights),
        draws: 0)
    }
    for smoothed in [false, true] {
      let all = (0..<200).map { averages(UInt64($0), smoothed: smoothed) }
      expectCoverage("population, smoothed: \(smoothed)") {
        all[Int($0)].average(0).estimate.interval.contains(population)
      }
      expectCoverage("free energy, smoothed: \(smoothed)") {
        all[Int($0)].freeEnergy(of: 0)?.interval.contains(-log(population / (1 - population)))
          ?? false
      }
    }
  }

  @Test func `intervals of chains that jump between two states cover`() {
    // Up with 0.02, down with 0.06 a frame: a quarter of the time up, g = 1.92/0.08.
    expectCoverage("chains") { seed in
      var generator = PCG64(seed: 30_000 + seed)
      let states = (0..<8).flatMap { _ in
        var up = generator.uniform() < 0.25
        return (0..<250).map { _ in
          up = up ? generator.uniform() >= 0.06 : generator.uniform() < 0.02
          return up ? 1.0 : 0
        }
      }
      let sample = AveragedSample(chains: [Int](repeating: 250, count: 8))
      return Averages(of: [states], over: sample).average(0).estimate.interval.contains(0.25)
    }
  }
}
