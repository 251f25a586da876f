import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct HeldOutFiguresTests {
  /// Figures of a flow `N(0, s²)` for the target `exp(−x²/2)`, whose log Z is `½ log 2π`.
  private func figures(deviation s: Double, frames: [Double]) throws -> HeldOutFigures {
    func logDensity(_ x: Double) -> Double {
      -x * x / (2 * s * s) - log(s) - log(2 * .pi) / 2
    }
    let points = normals(4_000, deviation: s, seed: 5)
    let result = try evaluate(
      EvaluationInput(
        energies: points.map { $0 * $0 / 2 }, logDensities: points.map(logDensity),
        referenceEnergies: frames.map { $0 * $0 / 2 },
        referenceLogDensities: frames.map { $0 == 0 ? .nan : logDensity($0) }),
      options: {
        var options = EvaluationOptions()
        options.floorPairs = 1
        return options
      }())
    return try #require(result.heldOut)
  }

  @Test(arguments: [0.9, 1, 1.4])
  func `a normal distribution has its divergence, log Z and forward ESS`(s: Double) throws {
    let found = try figures(deviation: s, frames: normals(4_000, seed: 6) + [0, 0])
    #expect(found.frames == 4_000 && found.outside == 2)
    let logZ = log(2 * Double.pi) / 2
    let divergence = log(s) + 1 / (2 * s * s) - 0.5
    let size = (2 * s * s - 1).squareRoot() / (s * s)
    #expect(abs(found.logNormalization - logZ) <= 3 * found.logNormalizationError + 1e-12)
    #expect(
      abs(found.evidenceUpperBound - logZ - divergence)
        <= 3 * found.evidenceUpperBoundError + 1e-12)
    #expect(abs(found.forwardDivergence - divergence) <= 3 * found.forwardDivergenceError + 1e-12)
    #expect(abs(found.forwardSampleSize - size) <= 3 * found.forwardSampleSizeError + 1e-12)
    if s != 1 {
      #expect(found.forwardSampleSizeError > 0 && found.forwardSampleSizeError < 0.03)
      // log w is (1/s² − 1) x²/2 and a constant; the variance of x² is 2.
      expectClose(
        [found.evidenceUpperBoundError],
        [abs(1 / (s * s) - 1) / 2 * (2 / 4_000.0).squareRoot()], relative: 0.4)
    }
  }

  @Test func `a lost mode shows in the forward figures, though every proposal has equal weight`()
    throws
  {
    // Two equal modes, of which the flow has one and in the other a density of e⁻¹².
    let modes = (0..<1_000).map { $0 % 2 }
    let result = try evaluate(
      EvaluationInput(
        energies: [Double](repeating: 0, count: 500),
        logDensities: [Double](repeating: 0, count: 500),
        referenceEnergies: [Double](repeating: 0, count: 1_000),
        referenceLogDensities: modes.map { $0 == 0 ? 0 : -12 }))
    let found = try #require(result.heldOut)
    #expect(result.effectiveSampleSize == 1 && result.budgets[0].paretoShape == nil)
    #expect(found.logNormalization == 0 && found.evidenceUpperBound == 6)
    #expect(found.forwardDivergence == 6)
    // mean w = ½(1 + e¹²), mean 1/w = ½(1 + e⁻¹²).
    expectClose(
      [found.forwardSampleSize], [4 / (1 + exp(12)) / (1 + exp(-12))], relative: 1e-12)
  }

  @Test func `frames that are not known have no figures`() throws {
    let input = try EvaluationInput(
      energies: [1], logDensities: [0], referenceEnergies: [1, 2])
    #expect(try evaluate(input).heldOut == nil)
    var outside = input
    outside.referenceLogDensities = [.nan, .nan]
    #expect(try evaluate(outside).heldOut == nil)
    var short = input
    short.referenceLogDensities = [1]
    #expect(throws: EvaluationError.lengths(what: "reference log_q", expected: 2, found: 1)) {
      try evaluate(short)
    }
    #expect(forwardEffectiveSampleSize([]) == 0)
    #expect(forwardEffectiveSampleSize([3, 3, 3]) == 1)
  }
}
