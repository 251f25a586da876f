import Evaluation
import Flow
import Foundation
import Kernels
import Runs
import RunsTestSupport
import TestSupport
import Testing

@testable import Boltzmann

@Suite struct AnnealingTests {
  private let context = CapturedLog().context()

  private func annealed(
    _ path: AnnealedPath, particles: Int, seed: UInt64, deviation: Double = 1,
    _ change: (inout AnnealingSettings) -> Void = { _ in }
  ) throws -> AnnealedParticles {
    var settings = AnnealingSettings()
    change(&settings)
    let x = draws(particles * path.width, seed: seed, deviation: deviation)
    return try anneal(
      x, logDensities: path.base(x, .serial), along: path, settings, seed: seed, context: context)
  }

  private static let cases: [(AnnealingSettings.Kernel, AnnealingSettings.Guide)] = [
    (.hmc, .target), (.hmc, .path), (.mala, .target), (.mala, .path), (.ula, .path),
  ]

  /// Three normal numbers of deviation 0.3 about 1.5, from standard ones: `Z = (0.3 √2π)³`.
  @Test(arguments: cases)
  func `log Z of a Gaussian comes out, with its error`(
    kernel: AnnealingSettings.Kernel, guide: AnnealingSettings.Guide
  ) throws {
    let path = testPath(3, base: { normal($0) }) { x in
      (
        x.reduce(0) { $0 - ($1 - 1.5) * ($1 - 1.5) / 0.18 }, x.map { -($0 - 1.5) / 0.09 }
      )
    }
    let exact = 3 * (log(0.3) + logRootTwoPi)
    let found = try (0..<24).map { seed in
      try annealed(path, particles: 100, seed: UInt64(seed)) {
        ($0.kernel, $0.guide) = (kernel, guide)
        // Without the test, steps have to be small.
        if kernel == .ula { ($0.stepSize, $0.acceptance, $0.moves) = (0.3, nil, 12) }
      }
    }
    let values = found.map(\.facts.logNormalization)
    let errors = found.map(\.facts.logNormalizationError)
    let spread = deviation(values)
    // Of 24 numbers; the mean of log Z lies half a variance low.
    let shift = mean(values) - exact
    let allowed = 4 * standardError(values) + spread * spread
    #expect(abs(shift) < allowed, "\(shift) \(spread)")
    #expect(spread < 0.4)
    let ratio = mean(errors) / spread
    #expect(ratio > 0.55 && ratio < 1.9, "\(ratio)")
    for run in found {
      #expect(run.facts.steps.last?.position == 1 && run.facts.steps.count > 3)
      expectClose(
        [Evaluation.logNormalization(run.logWeights).value], [run.facts.logNormalization],
        absolute: 1e-9)
      #expect(run.facts.lineages <= Set(run.ancestors).count)
    }
    // Averages are the target's.
    let averages = found.map { run in
      zip(normalizedWeights(run.logWeights), run.ancestors.indices).reduce(0.0) {
        $0 + $1.0 * Double(run.x[3 * $1.1])
      }
    }
    let tolerance = kernel == .ula ? 0.01 : 0
    let offset = abs(mean(averages) - 1.5)
    #expect(offset < 4 * standardError(averages) + tolerance, "\(offset)")
  }

  @Test func `the error of log Z knows how often particles were resampled`() throws {
    let path = testPath(3, base: { normal($0) }) { x in
      (
        x.reduce(0) { $0 - ($1 - 1.5) * ($1 - 1.5) / 0.18 }, x.map { -($0 - 1.5) / 0.09 }
      )
    }
    let found = try (0..<48).map { seed in
      try annealed(path, particles: 100, seed: UInt64(seed)) {
        ($0.resampling, $0.resamplingShare) = (.multinomial, 0.9)
        ($0.resamplesAtEnd, $0.moves) = (true, 6)
      }.facts
    }
    #expect(found.allSatisfy { $0.multinomialResamplings > 4 })
    // Families of single draws, as if there had been one resampling, would have 3 times as much.
    let variance = mean(found.map { $0.logNormalizationError * $0.logNormalizationError })
    let spread = deviation(found.map(\.logNormalization))
    let ratio = variance / (spread * spread)
    #expect(ratio > 0.4 && ratio < 1.9, "\(ratio)")
  }

  @Test func `a last resampling of equal weights is no error of log Z`() throws {
    let path = testPath(1, base: { normal($0) }, target: { normal($0) })
    let found = try annealed(path, particles: 200, seed: 1) {
      ($0.resampling, $0.resamplesAtEnd) = (.multinomial, true)
    }
    #expect(found.facts.logNormalizationError < 1e-6)
    #expect(found.facts.lineages < 200)
  }

  @Test(arguments: Resampling.allCases)
  func `draws that go on in a seed's stream are resampled by numbers of their own`(
    resampling: Resampling
  ) throws {
    // Nothing moves, so that what is left of equal draws is up to the resampling alone.
    let path = testPath(
      1, missing: [0], base: { normal($0) }, target: { normal($0, deviation: 0.3) })
    let x = draws(200, seed: 1)
    var settings = AnnealingSettings()
    (settings.resampling, settings.resamplesAtEnd) = (resampling, true)
    let found = try [0, 200].map { first in
      try anneal(
        x, logDensities: path.base(x, .serial), along: path, settings, seed: 1, from: first,
        context: context
      ).x
    }
    #expect(found[0] != found[1])
  }

  @Test func `both modes of a bimodal density get their share`() throws {
    let path = testPath(1, base: { normal($0, deviation: 2) }) { x in
      let (left, right) = (x[0] + 2, x[0] - 3)
      let a = 0.3 * exp(-left * left / 0.08)
      let b = 0.7 * exp(-right * right / 0.08)
      let sum = max(a + b, 1e-300)
      return (log(sum), [-(a * left + b * right) / (sum * 0.04)])
    }
    let shares = try (0..<12).map { seed in
      let found = try annealed(path, particles: 300, seed: UInt64(seed), deviation: 2)
      let exact = log(0.2) + logRootTwoPi
      let offset = abs(found.facts.logNormalization - exact)
      #expect(offset < 5 * found.facts.logNormalizationError + 0.01)
      return zip(normalizedWeights(found.logWeights), found.x).reduce(0) {
        $1.1 > 0 ? $0 + $1.0 : $0
      }
    }
    let offset = abs(mean(shares) - 0.7)
    #expect(offset < 4 * standardError(shares), "\(offset)")
  }

  /// `exp(2 cos(x − 3))` on a circle that is cut near its mode: `Z = 2π I₀(2)`, `⟨cos⟩ = I₁/I₀`.
  @Test func `a number on a circle goes round it`() throws {
    let windows = PeriodicWindows(lows: [-3], periods: [Float(2 * Double.pi)])
    let path = testPath(
      1, windows: windows, base: { _ in (-log(2 * Double.pi), [0]) },
      target: { x in (2 * cos(x[0] - 3), [-2 * sin(x[0] - 3)]) })
    var generator = RandomGenerator(seed: 5, stream: .testing)
    let x = (0..<4_000).map { _ in Float(2 * Double.pi * generator.uniform() - 3) }
    var settings = AnnealingSettings()
    (settings.keptShare, settings.moves) = (0.95, 4)
    let found = try anneal(
      x, logDensities: path.base(x, .serial), along: path, settings, seed: 2, context: context)
    let exact = log(2 * Double.pi * 2.279585302336067)
    let offset = abs(found.facts.logNormalization - exact)
    #expect(offset < 4 * found.facts.logNormalizationError + 1e-3)
    #expect(found.x.allSatisfy { $0 >= -3 && $0 <= -3 + 2 * Float.pi })
    let cosine = zip(normalizedWeights(found.logWeights), found.x).reduce(0) {
      $0 + $1.0 * cos(Double($1.1) - 3)
    }
    #expect(abs(cosine - 0.697774657964008) < 0.03)
    // Beyond the edge at −3 + 2π = 3.28 lies the same mode.
    #expect(found.x.contains { $0 > 3 } && found.x.contains { $0 < -2.8 })
  }

  @Test func `what lies outside the support keeps no weight`() throws {
    let path = testPath(1, base: { normal($0) }) { x in
      (x[0] < 0 ? -Double.infinity : -x[0] * x[0] / 0.5, [-x[0] / 0.25])
    }
    let found = try annealed(path, particles: 2_000, seed: 3)
    let exact = log(0.5 * 0.5) + logRootTwoPi
    #expect(abs(found.facts.logNormalization - exact) < 4 * found.facts.logNormalizationError)
    for (weight, x) in zip(found.logWeights, found.x) { #expect(weight == -.infinity || x >= 0) }
    let none = testPath(1) { x in
      normal(x)
    } target: { _ in
      (-.infinity, [0])
    }
    #expect(throws: EvaluationError.self) { _ = try annealed(none, particles: 10, seed: 1) }
  }

  /// A small flow to a Gaussian over its tokens, against plain importance sampling.
  @Test func `a flow's particles agree with its weighted proposals`() throws {
    try loadBLAS()
    var shape = FlowConfiguration(tokens: 2, features: 2)
    (shape.blocks, shape.layers, shape.width, shape.components) = (1, 1, 32, 3)
    let flow = try TarFlow(shape)
    var generator = RandomGenerator(seed: 4, stream: .initialization)
    let weights = flow.layout.initialValues(seed: 3).map { $0 + 0.1 * Float(generator.normal()) }
    let path = AnnealedPath(
      width: 4, base: { flow.logDensity($0, weights: weights, execution: $1) },
      baseSlopes: {
        let found = flow.logDensityAndGradient($0, weights: weights, execution: $1)
        return (found.logDensities, found.gradient)
      },
      targetSlopes: slopes(4) { x in
        (x.reduce(0) { $0 - ($1 - 1) * ($1 - 1) / 0.5 }, x.map { -($0 - 1) / 0.25 })
      })
    let exact = 4 * (log(0.5) + logRootTwoPi)
    let (x, densities) = flow.sample(4_000, seed: 9, weights: weights, execution: .serial)
    let plain = logNormalization(
      zip(path.targetSlopes(x, .serial).values, densities).map { $0 - $1 })
    #expect(abs(plain.value - exact) < 4 * plain.error)
    for guide in AnnealingSettings.Guide.allCases {
      var settings = AnnealingSettings()
      settings.guide = guide
      let chosen = settings
      @Sendable func run(workers: Int, _ ranks: Ranks = .alone) throws -> AnnealedParticles {
        var context = CapturedLog().context(workers: workers)
        context.ranks = ranks
        return try anneal(
          Array(x.prefix(1_600)), logDensities: Array(densities.prefix(400)), along: path,
          chosen, seed: 1, context: context)
      }
      let (one, three) = (try run(workers: 1), try run(workers: 3))
      for other in [three] + (try onRanks(3) { try run(workers: 1, $0) }) {
        #expect(one.x == other.x && one.logWeights == other.logWeights && one.facts == other.facts)
      }
      #expect(
        abs(one.facts.logNormalization - exact) < 4 * one.facts.logNormalizationError, "\(guide)")
      #expect(one.facts.targetEvaluations > 400)
    }
  }

  @Test func `a stop ends the work with its reason`() throws {
    let path = testPath(1, base: { normal($0) }, target: { normal($0, deviation: 0.1) })
    let x = draws(10, seed: 1)
    #expect(throws: RunError.interrupted(run: "annealing", step: 0, reason: "a signal")) {
      _ = try anneal(
        x, logDensities: path.base(x, .serial), along: path, AnnealingSettings(), seed: 1,
        context: CapturedLog().context(stopReason: { "a signal" }))
    }
    let reasons = try onRanks(2) { ranks in
      var context = CapturedLog().context(stopReason: { ranks.isFirst ? nil : "a signal" })
      context.ranks = ranks
      do {
        _ = try anneal(
          x, logDensities: path.base(x, .serial), along: path, AnnealingSettings(), seed: 1,
          context: context)
        return "none"
      } catch RunError.interrupted(_, _, let reason) {
        return reason
      }
    }
    #expect(reasons == ["rank 1", "a signal"])
  }

  @Test func `the published settings stop short of the target where they are asked to`() throws {
    let path = testPath(1, base: { normal($0) }, target: { normal($0, deviation: 0.5) })
    for (stopsShort, end) in [(true, 0.99), (false, 1.0)] {
      let settings = AnnealingSettings.sequentialBoltzmann(
        diffusion: 0.5, energyCutoff: 3, stopsShort: stopsShort)
      let x = draws(500, seed: 2)
      let energies = x.map { 2 * Double($0) * Double($0) }
      let found = try anneal(
        x, logDensities: path.base(x, .serial), energies: energies, along: path, settings, seed: 1,
        context: context)
      #expect(found.facts.steps.last?.position == end)
      #expect(found.facts.steps.count == (stopsShort ? 99 : 100))
      // What is above the cutoff, and of the rest the largest weight.
      let above = energies.count { $0 >= 3 }
      #expect(found.facts.dropped > above && found.facts.dropped < above + 3)
      #expect(Set(found.logWeights).count == 1)
    }
  }

  @Test func `a cutoff below all energies is refused with their range`() throws {
    // The first has no density under p, and its energy does not count.
    let path = testPath(1, base: { normal($0) }) { x in
      x[0] < 0 ? (-.infinity, [0]) : normal(x)
    }
    let x: [Float] = [-1, 0.5, 1]
    let error = #expect(throws: RunError.self) {
      _ = try anneal(
        x, logDensities: path.base(x, .serial), energies: [-9, 2, 4.5], along: path,
        .sequentialBoltzmann(diffusion: 0.5, energyCutoff: 2, stopsShort: true), seed: 1,
        context: context)
    }
    #expect(
      error?.description
        == "--energy-cutoff: is 2.0 kT, but the proposals have energies from 2.0 to 4.5 kT, so that "
        + "none is left; choose a higher one")
  }

  @Test func `limits of the settings are named`() {
    func problem(_ change: (inout AnnealingSettings) -> Void) -> String? {
      var settings = AnnealingSettings()
      change(&settings)
      do {
        try settings.validate()
        return nil
      } catch { return "\(error)" }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.moves = 0 } == "annealing: 0 moves, expected 1 to 1000")
    #expect(
      problem { $0.leapfrogSteps = 0 } == "annealing: 0 leapfrog steps, expected 1 to 1000")
    #expect(
      problem { $0.stepSize = .nan } == "annealing: the step is nan, expected above 0, up to 10")
    #expect(
      problem { $0.keptShare = 1 }
        == "annealing: the share of samples that a step keeps is 1.0, expected between 0 and 1")
  }
}
