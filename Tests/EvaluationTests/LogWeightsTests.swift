import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct LogWeightsTests {
  @Test func `quantiles equal NumPy's to the last bit`() throws {
    let golden = try Golden.load()
    for row in golden.quantiles.chunks(of: 2) {
      #expect(quantile(golden.numbers, row[0]) == row[1], "at \(row[0])")
    }
    #expect(quantile([3], 0.998) == 3)
  }

  @Test func `the clip and the effective sample size equal NumPy's`() throws {
    let golden = try Golden.load()
    let input = golden.finiteOrNot
    let weights = try LogWeights(
      energies: Array(input.energies.prefix(golden.count)),
      logDensities: Array(input.logDensities.prefix(golden.count)))
    #expect(weights.ceiling == golden.systematic.quantile)
    let expected = golden.systematic.result
    expectClose(
      [weights.effectiveSampleSize, weights.rawEffectiveSampleSize, weights.largestShare],
      try ["ess", "ess_raw", "largest_weight_share"].map { try #require(expected[$0] ?? nil) },
      relative: 1e-12)
    #expect(Double(weights.nonfiniteEnergies) == expected["nonfinite_energies"])
    #expect(Double(weights.nonfiniteLogDensities) == expected["nonfinite_log_q"])
  }

  @Test func `broken proposals have weight zero and are counted, not kept`() throws {
    let weights = try LogWeights(
      energies: [1, .infinity, .nan, 2, -1e308, 1], logDensities: [0, 0, .nan, .nan, -1e308, 0],
      clippedFraction: 0)
    let none = -Double.infinity
    #expect(weights.values == [-1, none, none, none, none, -1])
    #expect(weights.kept == [true, false, false, false, false, true])
    #expect(weights.rowsWithinClip == [0, 1, 2, 3, 4, 5])
    #expect(weights.nonfiniteEnergies == 2)
    #expect(weights.nonfiniteLogDensities == 2)
    // Two of six carry the weight: the others count in the denominator.
    expectClose([weights.effectiveSampleSize], [2.0 / 6], relative: 1e-15)
  }

  @Test func `the clip drops the largest five-hundredth`() throws {
    let energies = (0..<1000).map { Double(($0 * 7) % 1000) }
    let weights = try LogWeights(
      energies: energies, logDensities: Array(repeating: 0, count: 1000))
    #expect(weights.kept.count { $0 } == 998)
    #expect(zip(energies, weights.kept).filter { !$0.1 }.map(\.0).sorted() == [0, 1])
  }

  @Test func `weights do not depend on a constant in the energy or the density`() throws {
    let energies = normals(500, mean: -100, deviation: 5, seed: 1)
    let logDensities = normals(500, mean: 90, deviation: 5, seed: 2)
    let plain = try LogWeights(energies: energies, logDensities: logDensities)
    let shifted = try LogWeights(
      energies: energies.map { $0 + 4096 }, logDensities: logDensities.map { $0 - 512 })
    expectClose(
      normalizedWeights(shifted.values), normalizedWeights(plain.values), relative: 1e-9)
    #expect(shifted.kept == plain.kept)
    expectClose(
      [shifted.effectiveSampleSize], [plain.effectiveSampleSize], relative: 1e-9)
  }

  @Test func `weights far beyond the range of exp are normalised`() {
    #expect(normalizedWeights([1e6, 1e6, -.infinity, -1e6]) == [0.5, 0.5, 0, 0])
    #expect(normalizedWeights([-.infinity, -.infinity]) == [0, 0])
    #expect(normalizedWeights([]) == [])
  }

  @Test func `a density equal to the Boltzmann distribution has effective sample size one`() throws
  {
    let energies = (0..<300).map { Double($0) / 4 }
    let weights = try LogWeights(energies: energies, logDensities: energies.map { 17 - $0 })
    #expect(weights.effectiveSampleSize == 1)
    #expect(weights.rawEffectiveSampleSize == 1)
    expectClose([weights.largestShare], [1.0 / 300], relative: 1e-14)
  }

  @Test func `the effective sample size lies between one weight and all`() {
    #expect(effectiveSampleSize([0, -.infinity, -.infinity, -.infinity]) == 0.25)
    #expect(effectiveSampleSize([700]) == 1)
    #expect(effectiveSampleSize([-.infinity]) == 0)
    #expect(effectiveSampleSize([]) == 0)
    for seed in 1...20 as ClosedRange<UInt64> {
      let size = effectiveSampleSize(normals(50, deviation: Double(seed), seed: seed))
      #expect(size > 1.0 / 50 && size < 1)
    }
  }

  @Test func `log-normal weights have the effective sample size exp of minus the variance`() {
    // E[w]²/E[w²] = exp(−σ²) for log w of variance σ².
    let size = effectiveSampleSize(normals(200_000, deviation: 0.5, seed: 4))
    expectClose([size], [exp(-0.25)], relative: 0.01)
  }

  @Test func `nothing to weigh is an error that says why`() {
    #expect(throws: EvaluationError.empty(what: "proposals")) {
      try LogWeights(energies: [], logDensities: [])
    }
    #expect(throws: EvaluationError.lengths(what: "log_q", expected: 2, found: 1)) {
      try LogWeights(energies: [1, 2], logDensities: [1])
    }
    let error = EvaluationError.noUsableWeight(
      samples: 2, nonfiniteEnergies: 1, nonfiniteLogDensities: 1)
    #expect(throws: error) {
      try LogWeights(energies: [.infinity, 1], logDensities: [0, .nan])
    }
    #expect(error.description.hasPrefix("none of 2 proposals can be weighted: 1 have no finite"))
  }
}
